"""The page as a whole: what the record says is there, nothing is loaded, and it can be read by everyone."""

from __future__ import annotations

import base64
import copy
import gzip
import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from reports.album import keeping
from reports.page import ALLOWANCES, _fitting, render, write
from reports.summary import decisive
from tests.reports.dom import Element, parse, select
from tests.reports.sample_record import NASTY, Json, claim, exact, exponents, interrupted, large, part, sample, ways

ROOT = Path(__file__).resolve().parents[2]


def section(elements: list[Element], id: str) -> Element:
    return next(select(elements, id=id))


def words(elements: list[Element], id: str) -> str:
    return section(elements, id).text


# ---- one file, the same bytes, small -------------------------------------------------------------------------


def test_same_record_gives_same_bytes(record: Json, page: str) -> None:
    with keeping(None):  # drawn anew
        assert render(copy.deepcopy(record)) == page


def test_neither_hash_seed_nor_matplotlibrc_shows(record: Json, page: str, tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 9\naxes.facecolor: red\nfont.size: 30\n")
    (tmp_path / "record.json").write_text(json.dumps(record))
    code = "import json, sys; from reports.page import write; write(json.load(open(sys.argv[1])), sys.argv[2])"
    environment = os.environ | {"PYTHONHASHSEED": "77", "MPLCONFIGDIR": str(tmp_path)}
    command = [sys.executable, "-c", code, str(tmp_path / "record.json"), str(tmp_path / "page.html")]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page


def test_ten_claims_stay_below_half_a_megabyte(page: str) -> None:
    assert len(page.encode()) < 500_000


@pytest.fixture(scope="module")
def whole() -> str:
    """The page of 34 claims, 20 of them with curves of their own, one with specifications."""
    record = large(claims=34, parts=5, n=32, drawn=20)
    record["claims"][-1]["specifications"] = [each | {"figure": "own"} for each in ways()]
    return render(record)


@pytest.fixture(scope="module")
def largest() -> str:
    """The page of the whole catalogue with as many seeds as the largest budget may take."""
    return render(large(claims=62, parts=5, n=200))


@pytest.mark.slow
def test_whole_catalogue_stays_below_one_megabyte(whole: str, largest: str) -> None:
    assert max(len(page.encode()) for page in (whole, largest, render(large(claims=62, parts=5, n=30)))) < 1_000_000


def own_drawings(elements: list[Element]) -> list[Element]:
    return [e for e in select(elements, "figure") if e.get("id").startswith("plot-filler-")]


@pytest.mark.slow
def test_numbers_of_drawings_go_before_the_drawings(whole: str) -> None:
    elements = parse(whole)
    assert len(own_drawings(elements)) == 20
    assert "Data of the drawing" not in words(elements, "figures") + words(elements, "evidence")
    assert "All points that are drawn, as CSV" in words(elements, "figure-1"), (
        "the report's own figures keep their numbers as a file"
    )
    (curve,) = [e for e in select(elements, "figure") if e.get("id").startswith("curve-filler-")]
    assert "as CSV" not in curve.text and "It flips with start = matched" in curve.text
    assert words(elements, "multiverse").count("as CSV") == 2
    assert "Left to the record itself are the tables of what is drawn; the seeds’ values in print" in words(elements, "evidence")


@pytest.mark.slow
def test_drawings_of_claims_go_last() -> None:
    page = render(large(claims=62, parts=5, n=200, drawn=30))
    elements = parse(page)
    assert len(page.encode()) < 1_000_000 and len(own_drawings(elements)) == 30
    assert "notes on parts that did not decide" in words(elements, "evidence")
    assert "All cells, as CSV" in words(elements, "where-depth-helps")


def test_even_drawings_are_dropped_where_nothing_else_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.page.ALLOWANCES", [replace(each, size=1) for each in ALLOWANCES])
    elements = parse(render(large(claims=14, parts=5, n=30, drawn=3)))
    assert own_drawings(elements) == []
    assert "; the claims’ own drawings; the claims’ data as links;" in words(elements, "evidence")


@pytest.mark.parametrize("fits", range(1, len(ALLOWANCES)))
def test_page_shows_as_much_as_fits(fits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up pages, each smaller than the one before: the first that fits is found, whatever its place."""
    sized = [replace(each, size=100) for each in ALLOWANCES]
    monkeypatch.setattr("reports.page.ALLOWANCES", sized)
    lengths = {id(each): 100 + fits - place for place, each in enumerate(sized)}
    assert len(_fitting(lambda allowed: "x" * lengths[id(allowed)])) == 100


def test_parts_that_did_not_decide_get_one_line_before_drawings_are_dropped(largest: str) -> None:
    elements = parse(largest)
    home = section(elements, "claim-filler-0")
    rows = [e for e in select(elements, "tr") if e.inside(home) and "short" in e.get("class")]
    assert len(rows) == 4 and len([e for e in select(elements, "tr", cls="why") if e.inside(home)]) == 1
    assert all("supported" in e.text and "200" in e.text for e in rows)


def test_failed_control_is_listed_in_the_largest_record_too(largest: str) -> None:
    elements = parse(largest)
    assert "the controls that came out as they must" in words(elements, "evidence")
    assert [e.text for e in select(elements, cls="alarm") if e.inside(section(elements, "evidence"))] == ["≠ control failed"]
    assert "What was planted" not in words(elements, "claim-gd-rate")
    assert "Of 2 controls, 2 came out as they must." in words(elements, "claim-gd-rate")


def test_large_record_says_what_it_leaves_out(largest: str) -> None:
    text = words(parse(largest), "evidence")
    assert (
        "This record is large." in text and "the seeds’ values in print;" in text and "notes on parts that did not decide" in text
    )
    beyond = re.search(r"seeds beyond (\d+) in a picture", text)
    drawn = {int(drawn) for drawn in re.findall(r"(\d+) of 200 seeds drawn", text)}
    assert bool(drawn) is bool(beyond) and all(count <= int(beyond[1]) for count in drawn if beyond)


def test_nothing_is_loaded(page: str, elements: list[Element]) -> None:
    targets = [e.get(name) for e in elements for name in ("src", "href", "srcset", "data", "action", "poster")]
    kinds = {target.partition(":")[0] if target[:1] not in ("#", ".") else target[0] for target in targets}
    assert kinds <= {"", "#", "data", "."}, "links lead within the page, to its data, and to claims' sources in the same checkout"
    assert all(target.startswith("../../claims/test_") for target in targets if target.startswith("."))
    assert not re.search(r"@import|url\((?!#)|https?://", page)


def test_policy_of_the_page_forbids_loading(elements: list[Element]) -> None:
    policies = [meta.get("content") for meta in select(elements, "meta") if meta.get("http-equiv")]
    assert [policy.split(";")[0] for policy in policies] == ["default-src 'none'"]


def test_script_is_short_and_nothing_depends_on_it(elements: list[Element]) -> None:
    (script,) = select(elements, "script")
    assert "".join(script.pieces).count("\n") < 100
    assert [form.get("hidden") for form in select(elements, "form")] == [""], "shown by the script only"


def test_write_is_atomic_and_gives_the_path(record: Json, page: str, tmp_path: Path) -> None:
    target = tmp_path / "new" / "index.html"
    assert write(record, target) == target
    assert target.read_text(encoding="utf-8") == page
    assert [file.name for file in target.parent.iterdir()] == ["index.html"]


def test_write_leaves_the_old_page_when_the_record_is_damaged(tmp_path: Path) -> None:
    target = tmp_path / "index.html"
    target.write_text("old")
    with pytest.raises(ValueError):
        write({"schema": "none"}, target)
    assert target.read_text() == "old"


# ---- all that the record says --------------------------------------------------------------------------------


def test_every_claim_is_a_row_in_record_order(record: Json, elements: list[Element]) -> None:
    (table,) = select(elements, "table", cls="claims")
    links = [e.get("href") for e in select(elements, "a") if e.inside(table)]
    assert links == [f"#claim-{claim['id']}" for claim in record["claims"]]


@pytest.mark.parametrize("field", ["statement", "source", "scope", "reason", "finding", "expect_reason", "command"])
def test_every_claim_tells_its(field: str, record: Json, elements: list[Element]) -> None:
    for found in record["claims"]:
        told = " ".join(found.get(field, "").split())
        assert told in words(elements, f"claim-{found['id']}"), found["id"]


def test_protocol_keeps_its_paragraphs(record: Json, elements: list[Element]) -> None:
    home = section(elements, "claim-gd-rate")
    paragraphs = [e.text for e in select(elements, "p") if e.inside(home)]
    assert "Gradient descent in float64, the residual is part of the state." in paragraphs


def test_every_part_and_control_is_shown(record: Json, elements: list[Element]) -> None:
    for found in record["claims"]:
        text = words(elements, f"claim-{found['id']}")
        for each in found["parts"]:
            assert each["name"] in text and each["reason"] in text and each["margin"]["words"] in text
        for each in found["controls"]:
            assert each["planted"] in text and each["must_be"] in text and each["outcome"] in text
        exact_parts = {each["name"] for each in found["parts"] if each["kind"] == "exact"}
        planted = [each["part"] for each in found["controls"] if each["name"] != "A/A"]
        assert text.count("an exponent 20 % too steep") == len(planted) + sum(name in exact_parts for name in planted)


def test_every_seed_value_can_be_read_back(record: Json, elements: list[Element]) -> None:
    for found in record["claims"]:
        home = section(elements, f"claim-{found['id']}")
        lists = [e.text.rpartition("): ")[2] for e in select(elements, "p", cls="values") if e.inside(home)]
        assert [read_back(text) for text in lists] == [
            [None if v is None else pytest.approx(v, rel=1e-3, abs=rounding(each)) for v in each["per_seed"]]
            for each in [*sorted(found["parts"], key=lambda part: part is not decisive(found)), *found["explorations"]]
        ]


def rounding(part: Json) -> float:
    """Seeds share a grain of two digits of their spread; deviations have their own digits."""
    values = [v for v in part["per_seed"] if v is not None]
    return 0.0 if part.get("kind") == "exact" else float(max(values) - min(values)) / 50


def read_back(text: str) -> list[float | None]:
    text = text.replace("not finite", "none").replace("−", "-").replace("×10", "e")
    text = text.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
    return [None if word == "none" else float(word) for word in text.split()]


def test_exact_part_tells_what_was_planted(elements: list[Element]) -> None:
    assert "Planted as a control: an exponent 20 % too steep (refuted)." in words(elements, "claim-gd-constant")
    assert "Planted as a control" not in words(elements, "claim-gd-rate")


def test_opening_counts_the_findings_and_says_how_they_were_judged(elements: list[Element]) -> None:
    opening = next(select(elements, "header", cls="page")).text
    assert "The report Exploring the effect of depth on optimization in 10 claims" in opening
    for sentence in (
        "judged against a margin or tolerance written in its claim file beforehand;",
        "trial runs on other seeds informed scopes, parts, margins, numbers of seeds and readings",
        "Its sentences are quoted or shortened, [brackets] hold a condition of ours;",
        "some claims read a sentence in a way of our own, or ask what the report does not.",
        "Standard budget, cpu, torch 2.9.1, 2026-01-02",
    ):
        assert sentence in opening


@pytest.mark.parametrize("seeds, repeats", [(None, True), (30, False), ("auto", False)])
def test_same_seeds_are_a_repetition_and_no_confirmation(seeds: object, repeats: bool) -> None:
    record = sample() | {"claims": [claim("gd-rate", exponents(0.01), "supported")]}
    text = next(select(parse(render(record | {"run": record["run"] | {"seeds": seeds}})), "section", cls="opening")).text
    assert "Every verdict is the one on record" in text
    assert ("a repetition, not an independent confirmation." in text) is repeats


def test_verdict_is_a_word_and_a_shape(record: Json, elements: list[Element]) -> None:
    for found in record["claims"]:
        home = section(elements, f"claim-{found['id']}")
        badge = next(e for e in select(elements, "span", cls="badge") if e.inside(home))
        shapes = [e.get("href") for e in select(elements, "use") if e.inside(badge)]
        assert (badge.text, shapes) == (found["verdict"].capitalize(), [f"#v-{found['verdict']}"])


def test_summary_counts_verdicts_by_family(elements: list[Element]) -> None:
    (summary,) = select(elements, "ul", cls="found")
    assert summary.text.startswith(
        "Theory and the toy problem. Of 5 claims on the report’s own sentences, 1 supported, 1 refuted, 1 inconclusive and "
        "2 invalid; of 1 reading of ours, 1 supported."
    )
    assert "Non-linear networks. Of 2 claims on the report’s own sentences, 1 supported and 1 refuted." in summary.text
    assert "Beyond the report. Of 1 question of ours, 1 supported." in summary.text


def test_other_verdict_than_on_record_is_marked(elements: list[Element]) -> None:
    notes = [e.text for e in select(elements, "p", cls="differs")]
    assert notes[0] == "1 verdict differs from the one on record: step-size-edge (supported, on record inconclusive)."
    assert notes[1].startswith("Differs from the verdict on record. On record: Inconclusive, because:")
    assert [e.text for e in select(elements, "small", cls="differs")] == ["≠ on record: inconclusive"]


def on_other_images(record: Json) -> Json:
    run = record["run"] | {"dataset": "fashion-mnist"}
    return record | {"run": run | {"datasets": [run["datasets"][0] | {"name": "fashion-mnist-train"}]}}


def test_other_images_than_mnist_are_told_first() -> None:
    elements = parse(render(on_other_images(sample())))
    opening = next(e for e in select(elements, "section", cls="opening")).text
    assert "The networks of this run were trained on Fashion-MNIST. Where claims and figures say digits" in opening
    assert "1 verdict differs from the one on record for MNIST:" in opening
    assert "Standard budget, Fashion-MNIST, cpu, torch 2.9.1" in next(e for e in select(elements, "p", cls="cite")).text


def test_of_other_images_nothing_is_told_that_was_found_on_mnist() -> None:
    verdicts = {"total-loss-accelerated": "supported", "regularizer-reduced": "supported", "early-then-parallel": "refuted"}
    record = sample() | {"claims": [claim(id, exponents(0.01), verdict) for id, verdict in verdicts.items()]}
    for each in record["claims"]:
        each["family"] = "network"
    opening, other = (
        next(e for e in select(parse(render(each)), "section", cls="opening")).text for each in (record, on_other_images(record))
    )
    assert "LeNet-5" in opening and "LeNet-5" not in other and "2 supported and 1 refuted" in other


@pytest.mark.parametrize(
    "budget, verdict, quiet", [("smoke", "inconclusive", True), ("standard", "inconclusive", False), ("smoke", "invalid", False)]
)
def test_few_seeds_are_no_alarm_at_smoke_budget(budget: str, verdict: str, quiet: bool) -> None:
    record = sample()
    record["run"]["budget"] = budget
    for found in record["claims"]:
        found["verdict"] = found["expect"]
    record["claims"][0] |= {"verdict": verdict, "expect": "supported"}
    opening = next(e for e in select(parse(render(record)), "section", cls="opening")).text
    told = "1 verdict is inconclusive where the one on record is not: smoke budget has too few seeds to settle it."
    assert (told in opening) == quiet == ("1 verdict differs from the one on record" not in opening)


def test_failed_control_is_marked(elements: list[Element]) -> None:
    home = section(elements, "evidence")
    (alarm,) = [e for e in select(elements, cls="alarm") if e.inside(home)]
    assert alarm.text == "≠ control failed"
    assert alarm.inside(section(elements, "claim-cross-entropy-not-accelerated"))


def test_run_facts(elements: list[Element]) -> None:
    facts = section(elements, "made")
    for fact in (
        "standard",
        "AMD EPYC <9354>; 2 cores, 1 thread, one process",
        "3f1c0de5a9b84762" * 2 + "3f1c0de5, with uncommitted changes",
        "Digest of all numbers by seed" + "3f1c0de5a9b84762" * 4,
        "mnist-12000 (embedded, 12000 images, sha256 3f1c0de5a9b8 and 1 more)",
        "torch 2.9.1",
        "2026-01-02 03:04:05 UTC",
        "2026-01-02 03:19:35 UTC, after 15 min 30 s",
    ):
        assert fact in facts.text
    assert "3f1c0de5a9b84762" * 4 in words(elements, "made")


def test_interrupted_run_says_so_and_lists_what_is_missing() -> None:
    found = parse(render(interrupted()))
    note = next(select(found, "p", cls="note")).text
    assert note == "This run was interrupted. It has verdicts on 1 claim; 3 were not run. Which ones"
    assert "pytest claims/test_loss_rate.py" in words(found, "not-run")
    assert "Non-linear networks. No verdict: 1 not run." in next(select(found, cls="found")).text
    assert "not a git checkout" in words(found, "made")


def test_selected_run_says_what_was_left_out() -> None:
    record = interrupted()
    record["run"]["complete"] = True
    note = next(select(parse(render(record)), "p", cls="note")).text
    assert note == "3 claims of the catalogue were not run. Which ones"


def test_record_without_claims_is_a_page() -> None:
    found = parse(render(sample() | {"claims": []}))
    assert "This run has no claims." in words(found, "evidence")


def test_claim_data_can_be_taken_home(record: Json, elements: list[Element]) -> None:
    links = {e.get("download"): e.get("href") for e in select(elements, "a") if e.get("download")}
    for found in record["claims"]:
        taken = json.loads(gzip.decompress(base64.b64decode(links[f"{found['id']}.json.gz"].partition(",")[2])))
        assert taken["verdict"] == found["verdict"] and len(taken["parts"]) == len(found["parts"])
        if found["parts"]:
            table = gzip.decompress(base64.b64decode(links[f"{found['id']}.csv.gz"].partition(",")[2])).decode()
            assert len(table.splitlines()) == 1 + len(found["parts"]) + len(found["explorations"])


def test_claim_leads_to_its_source_line(record: Json) -> None:
    def source(**git: object) -> str:
        page = render(record | {"run": record["run"] | {"git": record["run"]["git"] | git}})
        return next(e.get("href") for e in select(parse(page), "a") if e.text == "Source: claims/test_gd_rate.py, line 12")

    assert source() == "../../claims/test_gd_rate.py#L12"
    assert source(url="https://github.com/a/b/blob/3f/") == "https://github.com/a/b/blob/3f/claims/test_gd_rate.py#L12"


def test_refuted_claim_says_where_it_holds_what_contradicts_it_and_how_to_say_it(elements: list[Element]) -> None:
    (box,) = [e for e in select(elements, "dl", cls="remedy") if e.inside(section(elements, "claim-gd-constant"))]
    assert (
        "Where it holdsp below 8 & t above 10⁶." in box.text and "Suggested wordingThe constant tends to 1 for p < 8." in box.text
    )
    assert "CounterexampleSeed" in box.text and "where the finding is true for" in box.text


def test_sensitivity_is_shown_for_the_part_that_decided(elements: list[Element]) -> None:
    text = words(elements, "claim-gd-rate")
    assert "What would change the verdict With a margin of" in text
    assert "half of the runs" in text and "a tenth of the runs" in text and "half the marginmargintwice the margin" in text


def test_part_that_decided_comes_first(record: Json, elements: list[Element]) -> None:
    for found in record["claims"]:
        home = section(elements, f"claim-{found['id']}")
        tables = [e for e in select(elements, "table", cls="parts") if e.inside(home)]
        names = [e.text for table in tables for e in select(elements, "th", scope="row") if e.inside(table)]
        part = decisive(found)
        assert part is None or names[0].startswith(part["name"])


def test_whose_sentence_it_is_stands_above_each_claim(elements: list[Element]) -> None:
    for id, words_ in (
        ("gd-rate", "the report’s sentence"),
        ("step-size-edge", "a reading of"),
        ("effective-rank", "a question of our own"),
    ):
        (eyebrow,) = [e for e in select(elements, "p", cls="eyebrow") if e.inside(section(elements, f"claim-{id}"))]
        assert words_ in eyebrow.text


def test_texts_are_escaped(page: str, elements: list[Element]) -> None:
    assert NASTY not in page and "<and>" not in page
    (title,) = [e for e in select(elements, "h3") if e.get("id") == "statement-step-size-edge"]
    assert title.text == NASTY
    assert len(list(select(elements, "script"))) == 1


# ---- made for all readers ------------------------------------------------------------------------------------


def test_ids_are_unique_and_links_lead_somewhere(elements: list[Element]) -> None:
    ids = Counter(e.get("id") for e in elements if e.get("id"))
    assert [id for id, count in ids.items() if count > 1] == []
    wanted = {e.get("href")[1:] for e in elements if e.get("href").startswith("#")}
    wanted |= {id for e in elements for id in e.get("aria-labelledby").split()}
    assert wanted <= set(ids)


def test_headings_go_down_one_level_at_a_time(elements: list[Element]) -> None:
    levels = [int(e.tag[1]) for e in elements if re.fullmatch("h[1-6]", e.tag)]
    assert levels.count(1) == 1 and levels[0] == 1
    assert max(b - a for a, b in zip(levels, levels[1:], strict=False)) == 1


def test_landmarks_language_and_schemes(elements: list[Element]) -> None:
    assert next(select(elements, "html")).get("lang") == "en"
    assert [len(list(select(elements, tag))) for tag in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    assert next(select(elements, "meta", name="color-scheme")).get("content") == "light dark"
    assert next(select(elements, "a")).get("href") == "#claims", "the first link skips to the claims"


def test_wide_things_scroll_in_a_named_box_that_keys_can_reach(elements: list[Element]) -> None:
    for box in [*select(elements, cls="scroll"), *select(elements, "pre")]:
        assert box.get("tabindex") == "0" and (box.get("aria-label") or box.get("aria-labelledby"))
    assert all(any("scroll" in parent.get("class") for parent in e.parents) for e in select(elements, "table"))


def test_pictures_have_words(elements: list[Element]) -> None:
    pictures = [e for e in select(elements, "svg") if e.get("role") == "img"]
    assert len(pictures) > 50
    assert all(e.get("aria-label") or e.get("aria-labelledby") for e in pictures)


def test_tables_name_their_columns_and_rows(elements: list[Element]) -> None:
    assert {e.get("scope") for e in select(elements, "th")} == {"col", "row"}


def test_four_verdicts_are_explained(elements: list[Element]) -> None:
    text = words(elements, "reading")
    for word in ("Supported", "Refuted", "Inconclusive", "Invalid", "90 %", "95 %", "seeds", "On record", "Holm"):
        assert word in text


@pytest.mark.parametrize(
    "sentence",
    [
        "Neither: the intervals do not decide.",
        "Student’s t over seeds, for the mean over the draws that a seed makes",
        "the geometric mean of the ratio",
        "assume independent seeds and a mean that is near normal, which strong skew spoils",
        "not of other data, networks, step sizes or lengths of training, and not of every single run",
        "or planned from a pilot on other seeds; nobody stops early",
        "the t-interval plus that allowance at each end",
        "for toy problems targets, start and step size; for networks initial weights, batches and dropout",
        "it concerns support only",
        "refuted in at most k × 2.5 %",
        "not that the training is right",
        "its noise is larger than that of paired arms",
        "It fails above 5 % false refutations, for superiority above 10 % false supports.",
        "identical arms are not lower by that amount",
    ],
)
def test_reading_says_what_an_interval_and_a_control_are_about(sentence: str, elements: list[Element]) -> None:
    assert sentence in words(elements, "reading")


# ---- whatever the numbers ------------------------------------------------------------------------------------


def odd_number(draw: random.Random) -> float | None:
    return draw.choice([None, 0.0, -0.0, 1.0, 1e-300, -1e300, 5e-324, 1e5, draw.gauss(0, 1), draw.gauss(0, 1) * 1e-7])


def odd_part(draw: random.Random, i: int) -> Json:
    pairs = [[odd_number(draw), odd_number(draw)] for _ in range(3)]
    changes = {
        "estimate": odd_number(draw),
        "target": odd_number(draw),
        "region": pairs[0],
        "p_raw": odd_number(draw),
        "per_seed": [odd_number(draw) for _ in range(draw.randrange(6))],
        "detectable": odd_number(draw),
        "unit": draw.choice(["", "log10 ratio"]),
    }
    kind = draw.choice(["equivalence", "exact", "superiority"])
    plain = (
        exact(f"part {i}", 0.1, 0.2, "invalid")
        if kind == "exact"
        else part(f"part {i}", 0.0, 1.0, [-1, 1], 0.0, "invalid", kind=kind, interval={"90": pairs[1], "95": pairs[2]})
    )
    return plain | {key: value for key, value in changes.items() if draw.random() < 0.7}


def test_no_number_breaks_the_page() -> None:
    draw = random.Random(7)
    claims = [claim(f"odd-{i}", [odd_part(draw, j) for j in range(8)], "invalid") for i in range(40)]
    page = render(sample() | {"claims": claims})
    parse(page)
    assert not re.search(r"\b(nan|inf|None)\b", page.partition("<main>")[2].partition("<script>")[0])


def test_exponents_of_one_claim_need_no_seeds_in_sequence() -> None:
    parts = [each | {"seeds": [7 * seed for seed in each["seeds"]]} for each in exponents(0.01)]
    text = words(parse(render(sample() | {"claims": [claim("gd-rate", parts, "supported")]})), "claim-gd-rate")
    assert "(seeds 0, 7, 14, 21," in text
