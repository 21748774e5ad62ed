"""Mathematics in prose: formulas become MathML that says the same, and all else comes back to the last sign."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markupsafe import Markup, escape

from reports.errata import ERRATA
from reports.formulas import NAMES, read
from reports.mathml import WIDEST, mathml
from tests.reports.dom import parse

REFERENCE = Path(__file__).parents[2] / "reports" / "reference" / "evidence.json"
MATH = re.compile(r'<math alttext="([^"]*)">.*?</math>')
CHILDREN = {"msup": 2, "msub": 2, "msubsup": 3, "mi": 0, "mn": 0, "mo": 0, "mtext": 0, "mspace": 0}
NOT_PROSE = ("file", "command", "nodeid", "id", "sha", "device_name")


def source(result: str) -> str:
    """The prose again: each formula by its alternative text."""
    return html.unescape(MATH.sub(lambda found: found[1], result))


def around(result: str) -> str:
    """What is left as text, with a box for each formula."""
    return html.unescape(MATH.sub("□", result))


def formulas(result: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(found[0]) for found in MATH.finditer(result)]


def spelt(node: ElementTree.Element) -> str:
    """A formula's elements on one line: powers as ^{...}, subscripts as _{...}, a space that is shown as one."""
    inner = [spelt(child) for child in node]
    if node.tag == "mspace":
        return " "
    if node.tag == "msubsup":
        return f"{inner[0]}_{{{inner[1]}}}^{{{inner[2]}}}"
    if node.tag in ("msup", "msub"):
        return f"{inner[0]}{'^' if node.tag == 'msup' else '_'}{{{inner[1]}}}"
    return "".join([node.text or "", *inner])


def spell(text: str) -> list[str]:
    return [spelt(formula) for formula in formulas(mathml(text))]


def signs(text: str) -> str:
    """What a formula and its source have in common."""
    return re.sub(r"[\s^_()]", "", text.replace("-", "−"))


def prose(value: Any, name: str = "") -> Iterator[str]:
    """All texts of a record that people wrote for people."""
    if isinstance(value, str) and name not in NOT_PROSE:
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from prose(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from prose(inner, name)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    record = json.loads(REFERENCE.read_text(encoding="utf-8"))
    return [*prose(record), *(text for erratum in ERRATA for text in (erratum.place, erratum.printed, erratum.right))]


# ---- what is read --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, shown",
    [
        ("t^(-1/(p-2))", "t^{−1/(p−2)}"),
        ("|Δ|^p", "|Δ|^{p}"),
        ("Θ((ηt)^(-1/(p-2)))", "Θ((ηt)^{−1/(p−2)})"),
        ("(1 - 1/(t+1))^(1/(p-2))", "(1−1/(t+1))^{1/(p−2)}"),
        ("10^12", "10^{12}"),
        ("2^-24", "2^{−24}"),
        ("|Δ|^-(p-2)", "|Δ|^{−(p−2)}"),
        ("|Δ|^(−(p−2))", "|Δ|^{−(p−2)}"),
        ("h^N", "h^{N}"),
        ("0.95^epoch", "0.95^{epoch}"),
        ("4,480^2", "4,480^{2}"),
        ("ℓ_p", "ℓ_{p}"),
        ("K_12", "K_{12}"),
        ("w_(t+1)", "w_{t+1}"),
        ("‖w‖_p^p", "‖w‖_{p}^{p}"),
        ("x^2_1", "x_{1}^{2}"),
        ("(s m_1 - y_1)^(p-1)", "(sm_{1}−y_{1})^{p−1}"),
        ("(Mx - M*y)^p", "(Mx−M^{*}y)^{p}"),
        ("η max |Δ₀|^(p-2)", "η max |Δ₀|^{p−2}"),
        ("(ulp/(2η))^(1/(p-1))", "(ulp/(2η))^{1/(p−1)}"),
        ("|(Mx − M*x)ᵢ|^p", "|(Mx−M^{*}x)ᵢ|^{p}"),
        ("sign(m - y)|m - y|^(p-1)", "sign(m−y)|m−y|^{p−1}"),
        ("1/(ηt)^(1/p−2)", "1/(ηt)^{1/p−2}"),
        ("λ/2 Σ|w|^2", "λ/2 Σ|w|^{2}"),
        ("(λ/2 Σ|w|)^2", "(λ/2 Σ|w|)^{2}"),
        ("φ(x_1, y)^2", "φ(x_{1},y)^{2}"),
        ("x^(y^(z_(k+1)))", "x^{y^{z_{k+1}}}"),
    ],
)
def test_one_formula(text: str, shown: str) -> None:
    assert spell(text) == [shown]
    assert around(mathml(text)) == "□"


@pytest.mark.parametrize("text, shown", [("m^(t)", "m^{(t)}"), ("Δ^(t+1)", "Δ^{(t+1)}"), ("s^(0)", "s^{(0)}")])
def test_number_of_a_step_keeps_its_parentheses(text: str, shown: str) -> None:
    assert spell(text) == [shown]


def test_power_of_a_fence_or_a_number_does_not() -> None:
    assert spell("(1 - η)^(t+1), 10^(6)") == ["(1−η)^{t+1}", "10^{6}"]


@pytest.mark.parametrize(
    "text, left, shown",
    [
        ("the rate is ε = Θ(t^-1).", "the rate is □.", ["ε=Θ(t^{−1})"]),
        ("step sizes with η |Δ|^p between", "step sizes with □ between", ["η|Δ|^{p}"]),
        ("At |Δ|^p = 1 a single step", "At □ a single step", ["|Δ|^{p}=1"]),
        ("(the loss |r|^p), targets", "(the loss □), targets", ["|r|^{p}"]),
        ("some 10^15 in float64", "some □ in float64", ["10^{15}"]),
        ("its l_p-norm, and the “r^p”", "its □-norm, and the “□”", ["l_{p}", "r^{p}"]),
        ("(r^p)", "(□)", ["r^{p}"]),
        ("ℓ_p (p > 2)", "□ (p > 2)", ["ℓ_{p}"]),
        ("p = 2.5, 3 l_p losses", "p = 2.5, 3 □ losses", ["l_{p}"]),
        ("10^6 s of m_1, m_2", "□ s of □, □", ["10^{6}", "m_{1}", "m_{2}"]),
        ("as r^p = 1 - 1/((p-2)(t+1)(t+2)(t+3)(t+4))", "as □ = 1 - 1/((p-2)(t+1)(t+2)(t+3)(t+4))", ["r^{p}"]),
        ("K = s^2 (I + y y')", "□ (I + y y')", ["K=s^{2}"]),
    ],
)
def test_formulas_end_where_the_sentence_goes_on(text: str, left: str, shown: list[str]) -> None:
    assert around(mathml(text)) == left and spell(text) == shown


def test_minus_between_the_pieces_of_a_wide_formula_is_one() -> None:
    text = "m^(t+1) = m^(t+1) - η(m^(t+1) - y)^(p-1)"
    assert spell(text) == ["m^{(t+1)}=m^{(t+1)}", "−", "η(m^{(t+1)}−y)^{p−1}"]
    assert source(mathml(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "claims/test_gd_rate.py::test_slope[p=4]",
        "--claims-x and --claims_x",
        "init_multiverse, a_big, n_in, x_1_2, _y_1, y_1_, max_i",
        "x86_64 and H_2O",
        "l_p.py, ./l_p, data/l_p, y_1@z",
        "call foo(x_1) with a^b^c",
        "W'^2 and √^2 and ^p and p^ and p^(",
        "10⁶ steps of y₁ and Δₜ",
        "p = 3, |Δ| < 1 & η > 0",
        "float32^2, naïve^2, 1e-4^2, 1.2.3^2",
        "an^2, my^2, word^2",
        "HEAD^, HEAD^2, a ^ b, a _ b",
        "| y_ | p^ |",
        "(p-2)ηt (1 + o(1))",
        "",
    ],
)
def test_all_else_stays_as_it_is(text: str) -> None:
    assert mathml(text) == escape(text)


def test_result_is_escaped_once() -> None:
    result = mathml('<b> "r^p" & l_p')
    assert isinstance(result, Markup) and escape(result) == result
    assert around(result) == '<b> "□" & □' and result.startswith("&lt;b&gt; &#34;<math")


# ---- what is written -----------------------------------------------------------------------------------------


def test_variables_numbers_names_and_signs_have_their_elements() -> None:
    formula = formulas(mathml("log (2x₁ - |Σ|)^p"))[0]
    assert [(node.tag, node.text) for node in formula.iter() if node.text] == [
        ("mi", "log"),
        ("mo", "("),
        ("mn", "2"),
        ("mi", "x"),
        ("mtext", "₁"),
        ("mo", "−"),
        ("mo", "|"),
        ("mi", "Σ"),
        ("mo", "|"),
        ("mo", ")"),
        ("mi", "p"),
    ]


def test_sums_and_orders_of_growth_are_upright() -> None:
    letters = {node.text: node.get("mathvariant") for node in formulas(mathml("ΣΘ(Δ^p)"))[0].iter("mi")}
    assert letters == {"Σ": "normal", "Θ": "normal", "Δ": None, "p": None}


def test_a_sign_in_front_is_a_prefix() -> None:
    assert "<mrow><mo>−</mo><mn>1</mn></mrow>" in mathml("t^-1")
    assert '<mo stretchy="false">(</mo><mo form="prefix">−</mo>' in mathml("Θ(-r^p)")
    assert '<mo>=</mo><mo form="prefix">−</mo>' in mathml("c^2=-1")


def test_solidus_has_the_space_that_the_text_gives_it() -> None:
    assert '<mo lspace="0" rspace="0">/</mo>' in mathml("c^2/t") and "<mo>/</mo>" in mathml("c^2 / t")


def test_one_child_needs_no_row() -> None:
    assert "mrow" not in mathml("r^p, l_p, Δ^2(1 - t)")


# ---- properties ----------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [*"^_()|‖ -−+/*=,.'<&;", "p", "η", "Δ", "a", "12", "₀", "²", "Mx", "log", "word", "^(", "^-(", ")^p", " - ", "é"]
)


@settings(deadline=None, max_examples=60)
@given(st.lists(PIECES, max_size=40).map("".join) | st.text())
@example("m^(t) - η(m^(t) - y)^(p-1) = 0")
def test_nothing_is_lost_and_nothing_raised(text: str) -> None:
    result = mathml(text)
    assert source(result) == text
    # The same by a reader of HTML, which knows no alternative text.
    assert signs("".join(parse(f"<p>{result}</p>")[0].pieces)) == signs(text)
    for formula in formulas(result):
        assert signs("".join(formula.itertext())) == signs(formula.get("alttext", ""))


@settings(deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_elements_are_those_of_mathml_with_as_many_children_as_they_take(text: str) -> None:
    for element in parse(str(mathml(text))):
        assert element.tag in {*CHILDREN, "math", "mrow"}
    for formula in formulas(mathml(text)):
        for node in formula.iter():
            assert len(node) == CHILDREN.get(node.tag, len(node)), ElementTree.tostring(node)
            assert node.tag != "mrow" or len(node) > 1
            assert node.tag != "mo" or (node.text in tuple("()|‖")) == (node.get("stretchy") == "false")


def trees(inner: st.SearchStrategy[tuple[str, str]]) -> st.SearchStrategy[tuple[str, str]]:
    """A formula's text, and the same spelt from its elements."""
    pair = st.tuples(inner, inner)
    return st.one_of(
        pair.map(lambda each: (f"({each[0][0]} + {each[1][0]})^(2-p)", f"({each[0][1]}+{each[1][1]})^{{2−p}}")),
        pair.map(lambda each: (f"|2({each[0][0]})|^({each[1][0]}/3)", f"|2({each[0][1]})|^{{{each[1][1]}/3}}")),
        inner.map(lambda each: (f"Θ({each[0]} - 1)", f"Θ({each[1]}−1)")),
        inner.map(lambda each: (f"w_(1+{each[0]})", f"w_{{1+{each[1]}}}")),
        inner.map(lambda each: (f"t^-({each[0]})", f"t^{{−({each[1]})}}")),
    )


LEAVES = st.sampled_from(
    [("p", "p"), ("ηt", "ηt"), ("2Δ₀", "2Δ₀"), ("y_1", "y_{1}"), ("h^N", "h^{N}"), ("m^(t)", "m^{(t)}"), ("ln(t)", "ln(t)")]
)


@settings(deadline=None)
@given(st.recursive(LEAVES, trees, max_leaves=5))
def test_formulas_keep_their_structure(pair: tuple[str, str]) -> None:
    text, shown = pair
    found = read(text)
    assert found is not None and found.end == len(text)
    assert spelt(ElementTree.fromstring(f"<math>{''.join(found.nodes)}</math>")) == shown


@pytest.mark.parametrize(
    "text", ["(" * 4000, "|" * 4000, "(a " * 500, "x^(" * 2000, "t^-" * 2000, "l_p - " * 500, "(" * 70 + "p" + ")^p" * 70]
)
def test_hostile_texts_are_read_in_no_time(text: str) -> None:
    start = time.perf_counter()
    assert source(mathml(text)) == text
    assert time.perf_counter() - start < 5


# ---- the texts of the suite ----------------------------------------------------------------------------------


def test_reference_record_has_no_power_left_as_text(texts: list[str]) -> None:
    left = [around(mathml(text)) for text in texts]
    assert [text for text in left if re.search(r"[\^_]", text)] == []


def test_reference_record_says_the_same(texts: list[str]) -> None:
    for text in texts:
        result = mathml(text)
        assert source(result) == text
        for formula in formulas(result):
            assert signs("".join(formula.itertext())) == signs(formula.get("alttext", ""))


def test_words_of_the_reference_record_are_no_mathematics(texts: list[str]) -> None:
    names = {
        name.text
        for text in texts
        for formula in formulas(mathml(text))
        for name in formula.iter("mi")
        if len(name.text or "") > 1
    }
    assert names <= NAMES | {"epoch"}


def test_what_cannot_be_broken_fits_a_narrow_column(texts: list[str]) -> None:
    assert max(len(found[1]) for text in texts for found in MATH.finditer(mathml(text).replace("&lt;", "<"))) <= WIDEST


def test_files_and_commands_of_the_reference_record_stay_text() -> None:
    claims = json.loads(REFERENCE.read_text(encoding="utf-8"))["claims"]
    names = [text for claim in claims for text in (claim["id"], claim["file"], claim["command"])]
    assert [name for name in names if mathml(name) != escape(name)] == []


def test_mathematics_costs_the_page_little(texts: list[str]) -> None:
    assert sum(len(mathml(text).encode()) - len(escape(text).encode()) for text in set(texts)) < 60_000
