"""What a claim file must say, and the sentences for what it lacks."""

import importlib

import pytest

from evidence.verdict import REFUTED

claims = importlib.import_module("evidence.claim")  # the package's own name `claim` is the decorator


@pytest.fixture(autouse=True)
def empty_catalogue(monkeypatch):
    monkeypatch.setattr(claims, "_registered", {})


def make(
    id="two-is-two",
    name="test_two_is_two",
    doc="Two is two.\n\n    Scope: whole\n    numbers.\n\n    First.\n\n    Then.",
    **more,
):
    def test():
        pass

    test.__name__, test.__doc__ = name, doc
    return claims.claim(id, "Section 0", **({"position": 1, "family": "theory"} | more))(test)


def test_docstring_becomes_statement_scope_and_protocol():
    made = make().claim
    assert (made.statement, made.scope, made.protocol) == ("Two is two.", "whole numbers.", "First.\n\nThen.")
    assert made.command == "pytest claims/test_two_is_two.py"


def test_family_becomes_a_marker():
    assert [mark.name for mark in make().pytestmark] == ["theory"]


def test_catalogue_is_in_the_reports_order():
    make("b-late", "test_b_late", position=2)
    make("c-early", "test_c_early", position=1)
    assert [made.id for made in claims.registered()] == ["c-early", "b-late"]


def test_parts_that_refute_a_claim_are_told_by_pattern():
    made = make(expect=REFUTED, because="so", refuted_in=("as printed*", "late")).claim
    told = [made.refutes(name, "smoke") for name in ("as printed, p = 3", "late", "later", "right")]
    assert told == [True, True, False, False]


def test_other_parts_may_refute_at_another_budget():
    by_budget = {"smoke": ("early", "late"), "standard": ("early", "late"), "paper": ("late",)}
    made = make(expect=REFUTED, because="so", refuted_in=by_budget).claim
    assert [made.refutes("early", budget) for budget in by_budget] == [True, True, False]
    assert all(made.refutes("late", budget) for budget in by_budget)


def test_parts_by_budget_are_named_for_each_budget():
    with pytest.raises(ValueError, match=r"refuted_in names parts for full, paper, not for smoke, standard, paper"):
        make(expect=REFUTED, because="so", refuted_in={"full": ("late",), "paper": ("late",)})


def test_a_claim_on_record_as_supported_names_no_parts_that_refute_it():
    with pytest.raises(ValueError, match="it expects supported and names parts that refute it"):
        make(refuted_in=("late",))


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"id": "Two_Is"}, "Claim Two_Is: its id is no slug like 'gd-rate': 'Two_Is'."),
        ({"id": "two--is"}, "its id is no slug"),
        ({"family": "physics"}, "its family is 'physics', not one of theory, network, cited, extension."),
        ({"name": "test_three"}, "its test is test_three, not test_two_is_two."),
        ({"doc": "Two is two."}, "Claim two-is-two: the docstring needs the report's sentence, then a paragraph"),
        ({"doc": "Two is two.\n\nFor whole numbers."}, "a paragraph that begins 'Scope: '."),
        ({"doc": None}, "the docstring needs the report's sentence"),
        ({"expect": REFUTED}, "it expects refuted and gives no reason (because=...)."),
    ],
)
def test_faulty_claim_is_refused_with_a_sentence(wrong, words):
    with pytest.raises(ValueError) as caught:
        make(**wrong)
    assert words in str(caught.value)
    assert claims.registered() == []


def test_id_of_another_claim_is_refused_and_names_it():
    make()
    with pytest.raises(ValueError, match="the id is taken by another claim: 'Two is two.'"):
        make(doc="Two is three.\n\nScope: none.")
