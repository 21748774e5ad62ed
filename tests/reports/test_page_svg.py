"""Drawings as few bytes: what is left out says nothing, and what refers to something still finds it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from matplotlib.path import Path

from reports.svg import INK, inline, paper


def drawn(**style: object) -> str:
    with paper(300, 200) as figure:
        axes = figure.add_subplot(xlabel="time", ylabel="error")
        axes.plot([0, 1, 2], [0, -1, 3], color=INK, **style)
        return str(inline(figure, "f-"))


def numbers(path: str) -> list[float]:
    return [float(text) for text in re.findall(r"-?[\d.]+", path)]


def test_line_keeps_its_points_without_letters_between() -> None:
    path = next(d for d in re.findall(r'<path d="([^"]+)"', drawn()) if len(numbers(d)) == 6)
    assert re.fullmatch(r"M[\d. -]+", path)
    x, y = np.array(numbers(path)).reshape(3, 2).T
    assert np.diff(x)[0] == pytest.approx(np.diff(x)[1], abs=0.2) and (y[1] - y[0]) / (y[0] - y[2]) == pytest.approx(
        1 / 3, abs=0.01
    )


def test_curves_of_a_mark_stay_curves() -> None:
    (mark,) = re.findall(r'<path id="f-\d+" d="(M[^"]*C[^"]*)"', drawn(marker="o"))
    for segment in mark.rstrip("z").split("C")[1:]:
        assert len(numbers(segment)) == 6


def test_line_after_a_curve_keeps_its_letter() -> None:
    moon = Path([(-1, 0), (-1, 1), (1, 1), (1, 0), (0, -1), (-1, 0)], [1, 4, 4, 4, 2, 79])
    (shape,) = re.findall(r'<path id="f-\d+" d="(M[^"]*C[^"]*)"', drawn(marker=moon))
    assert re.fullmatch(r"M[^A-Z]+C[^A-Z]+L[^A-Z]+z", shape)


def test_every_reference_is_answered_and_every_id_asked_for() -> None:
    body = drawn(marker="o")
    ids = re.findall(r' id="([^"]+)"', body)
    asked = set(re.findall(r'href="#([^"]+)"', body)) | set(re.findall(r"url\(#([^)]+)\)", body))
    assert len(ids) == len(set(ids)) and set(ids) == asked and all(re.fullmatch(r"f-\d+", id) for id in ids)


def test_groups_that_say_nothing_are_gone_and_the_turned_label_is_turned() -> None:
    body = drawn()
    assert "<g>" not in body and "rotate(-0" not in body and "font-size" not in body
    assert re.search(r'transform="rotate\(-90 [^"]+\)"[^>]*>error<', body)
    assert re.search(r"<text[^>]*>time<", body)
