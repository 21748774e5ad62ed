"""What an arm may be, and the sentences for what it may not."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from models.arms import BALANCED, EFFECTIVE_STEP, LENET5, MATCHED, NORMAL, ORTHOGONAL, OVERPARAMETERIZED, TUTORIAL, Arm

ROOT = Path(__file__).resolve().parents[2]


def test_the_published_arms_are_plain_matrices_and_products_of_two_of_dense_ones():
    assert (NORMAL.factors, OVERPARAMETERIZED.factors) == (1, 2)
    assert {(arm.layers, arm.start, arm.step, arm.rescale) for arm in (NORMAL, OVERPARAMETERIZED)} == {
        ("dense", "published", "shared", 1.0)
    }


def test_the_other_arms_differ_from_the_published_ones_in_what_their_names_say():
    for arm in (MATCHED, BALANCED, ORTHOGONAL):
        assert arm == replace(OVERPARAMETERIZED, name=arm.name, start=arm.name)
    assert replace(NORMAL, name="effective step", start="product", step="effective", like=OVERPARAMETERIZED) == EFFECTIVE_STEP


def test_describing_arms_and_recipes_imports_neither_torch_nor_numba():
    code = "import sys, models.arms, training.recipe, training.network; print({'torch', 'numba'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# ---- shapes -----------------------------------------------------------------------------------------------------


def test_the_matrices_of_the_tutorial_network():
    assert TUTORIAL.matrices == {"conv.0": (32, 25), "conv.1": (64, 800), "dense.0": (512, 3136), "dense.1": (10, 512)}


@pytest.mark.parametrize(("inner", "out", "width"), [(1.0, 512, 512), (2.0, 10, 20), (0.25, 84, 21), (0.01, 10, 1)])
def test_the_inner_width_is_a_multiple_of_the_rows_and_at_least_one(inner, out, width):
    assert Arm(name="a", factors=2, inner=inner).inner_width(out) == width


def test_products_are_dense_layers_or_all_of_them():
    assert [name for name in LENET5.matrices if OVERPARAMETERIZED.splits(name)] == ["dense.0", "dense.1", "dense.2"]
    assert all(replace(OVERPARAMETERIZED, layers="all").splits(name) for name in LENET5.matrices)
    assert not any(NORMAL.splits(name) for name in LENET5.matrices)


# ---- what goes together -----------------------------------------------------------------------------------------

SENTENCES = {
    "Arm 'a' has 0 factors; a matrix has 1, which is itself, or 2, 3 or more.": {"factors": 0},
    "Arm 'a' has 2.5 factors; a matrix has 1, which is itself, or 2, 3 or more.": {"factors": 2.5},
    "Arm 'a' has inner=0; it must be positive and finite.": {"factors": 2, "inner": 0},
    "Arm 'a' has rescale=-1; it must be positive and finite.": {"factors": 2, "rescale": -1},
    "Arm 'a' has layers='conv'; it must be one of: dense, all.": {"factors": 2, "layers": "conv"},
    "Arm 'a' has start='near'; it must be one of: published, matched, balanced, orthogonal, product.": {"start": "near"},
    "Arm 'a' has step='tuned'; it must be one of: shared, effective.": {"step": "tuned"},
    "start='balanced', which needs 2 factors or more; with 1 it is published or product.": {"start": "balanced"},
    "has 1 factor, so inner and rescale must be 1 and layers 'dense'": {"rescale": 2.0},
    "so like must be an arm of 2 factors or more.": {"start": "product"},
    "its step from a product, so like must be an arm of 2 factors": {"step": "effective", "like": NORMAL},
    "has like='overparameterized' but no use for it": {"like": OVERPARAMETERIZED},
    "has 2 factors; start='product', step='effective' and like are for an arm of 1": {"factors": 2, "start": "product"},
    "has 3 factors; start='product', step='effective' and like": {"factors": 3, "step": "effective", "like": OVERPARAMETERIZED},
    "has inner=0.5 and start='matched'; factors narrower than the matrix cannot hold it": {
        "factors": 2,
        "inner": 0.5,
        "start": "matched",
    },
}


@pytest.mark.parametrize(("sentence", "values"), SENTENCES.items(), ids=[str(values) for values in SENTENCES.values()])
def test_what_cannot_be_trained_is_refused_in_a_sentence(sentence, values):
    with pytest.raises(ValueError) as refused:
        Arm(name="a", **values)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("values", [{"inner": 0.5}, {"inner": 2.0, "start": "orthogonal"}, {"layers": "all", "rescale": 0.1}])
def test_products_may_be_narrow_wide_rescaled_and_everywhere(values):
    assert Arm(name="a", factors=2, **values).factors == 2


@pytest.mark.parametrize("values", [{"start": "product"}, {"step": "effective"}, {"start": "product", "step": "effective"}])
def test_plain_matrices_may_take_start_and_step_from_a_product(values):
    assert Arm(name="a", like=OVERPARAMETERIZED, **values).like is OVERPARAMETERIZED


def test_arms_of_the_same_values_are_one():
    assert Arm(name="a", factors=2) == Arm(name="a", factors=2) and len({NORMAL, Arm(name="normal")}) == 1
