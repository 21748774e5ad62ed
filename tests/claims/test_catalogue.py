"""What every claim file must carry, over the whole catalogue."""

import importlib
import inspect
from pathlib import Path

import pytest

from evidence.claim import registered
from evidence.verdict import REFUTED

ROOT = Path(__file__).resolve().parents[2]
for path in sorted((ROOT / "claims").glob("test_*.py")):
    importlib.import_module(f"claims.{path.stem}")
CATALOGUE = [claim for claim in registered() if (ROOT / claim.file).exists()]


def test_catalogue_holds_every_claim_file():
    assert len(CATALOGUE) == len(list((ROOT / "claims").glob("test_*.py"))) > 40


@pytest.mark.parametrize("claim", CATALOGUE, ids=lambda claim: claim.id)
def test_refuted_claims_say_why_where_they_hold_and_how_to_say_it(claim):
    if claim.expect is REFUTED:
        assert claim.because and claim.refuted_in and claim.holds.endswith((".", ")")) and claim.rewording.endswith(".")
    else:
        assert not claim.holds, "a claim that is not refuted holds in its scope"


@pytest.mark.parametrize("claim", CATALOGUE, ids=lambda claim: claim.id)
def test_words_of_a_claim_are_clean_text(claim):
    for words in (claim.statement, claim.scope, claim.finding, claim.holds, claim.rewording, claim.because):
        assert "  " not in words and words == words.strip()


@pytest.mark.parametrize("claim", [claim for claim in CATALOGUE if "[" in claim.statement], ids=lambda claim: claim.id)
def test_sentence_with_a_condition_of_our_own_is_no_bare_quotation(claim):
    assert claim.statement.count("[") == claim.statement.count("]") > 0


def test_sentences_of_our_own_say_so_in_their_source():
    for claim in CATALOGUE:
        assert (claim.origin == "ours") == ("not a sentence of the report" in claim.source), claim.id


def functions_of_claims():
    modules = [importlib.import_module(f"claims.{path.stem}") for path in sorted((ROOT / "claims").glob("test_*.py"))]
    return [found for module in modules for name, found in vars(module).items() if name.startswith("test_")]


@pytest.mark.parametrize("test", functions_of_claims(), ids=lambda test: test.__name__)
def test_claims_take_nothing_but_what_they_can_be_given_ahead_of_their_turn(test):
    given = [mark.args[0] for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    parameters = {name.strip() for names in given for name in (names.split(",") if isinstance(names, str) else names)}
    assert set(inspect.signature(test).parameters) <= {"train", "judge", "budget"} | parameters
