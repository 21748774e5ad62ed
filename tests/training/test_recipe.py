"""What a recipe may hold, and at which steps a training is recorded."""

import numpy as np
import pytest

from training.recipe import HELD_OUT_LOOKS, PENALTY, Recipe, held_out_looks


def test_the_defaults_are_the_tutorials():
    assert Recipe() == Recipe(
        epochs=10, batch=64, learning_rate=0.01, decay=0.95, momentum=0.9, dropout=0.5, penalty=5e-4, power=2, penalized="product"
    )
    assert PENALTY == 5e-4 and Recipe().digits is None


SENTENCES = {
    "A penalty is on the product or on the factors, not on 'matrices'.": {"penalized": "matrices"},
    "A penalty's power must be finite and at least 1, where it is convex, not 0.5.": {"power": 0.5},
    "A penalty's power must be finite and at least 1, where it is convex, not inf.": {"power": float("inf")},
    "A dropout of 1.0 leaves nothing to train on; it must be from 0 up to, without, 1.": {"dropout": 1.0},
    "Records begin at a share of the steps from 0 to 1, not at 1.5.": {"recorded_from": 1.5},
    "Records begin at a share of the steps from 0 to 1, not at nan.": {"recorded_from": float("nan")},
    "A training needs at least 1 recorded step, not 0.": {"records": 0},
    "The only record of 1 is the start: recorded from 0.8 of its steps on, a training needs 2.": {
        "records": 1,
        "recorded_from": 0.8,
    },
    "40 digits do not fill a batch of 64: a training needs at least one batch.": {"digits": 40},
}


@pytest.mark.parametrize(("sentence", "values"), SENTENCES.items(), ids=[str(values) for values in SENTENCES.values()])
def test_what_no_training_has_is_refused_in_a_sentence(sentence, values):
    with pytest.raises(ValueError) as refused:
        Recipe(**values)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("values", [{"momentum": 0.0}, {"dropout": 0.0}, {"power": 1}, {"penalty": 0.0}, {"digits": 64}])
def test_the_least_of_everything_is_a_recipe(values):
    assert Recipe(**values).steps(640) == 100


@pytest.mark.parametrize("records", [2, 16, 31])
def test_records_begin_at_zero_and_end_at_the_last_step(records):
    steps = Recipe(records=records).record_steps(11_000)
    assert (steps[0], steps[-1], len(steps)) == (0, 1710, records)
    assert (np.diff(steps) > 0).all()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8, 1.0])
def test_records_from_a_share_of_the_steps_on_are_the_later_ones_of_all(share):
    every, some = (Recipe(recorded_from=each).record_steps(4480) for each in (0.0, share))
    assert some.tolist() == [step for step in every if step >= 700 * share] and some[-1] == 700


@pytest.mark.parametrize("records", range(1, 40))
def test_held_out_digits_are_looked_at_first_and_last_and_evenly_between(records):
    looks = held_out_looks(records)
    assert looks[0] == 0 and looks[-1] == records - 1 and len(looks) == min(records, HELD_OUT_LOOKS)
    assert np.ptp(np.diff(looks)) <= 1 if len(looks) > 1 else True
