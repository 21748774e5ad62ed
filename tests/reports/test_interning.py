"""Repeated styles and long ids of drawings become short."""

from __future__ import annotations

import re

from reports.interning import interned

STYLE = "fill:none;stroke:var(--s1)"


def page(*elements: str) -> str:
    return f"<style>\np {{}}\n</style><svg>{''.join(elements)}</svg>"


def test_styles_keep_their_meaning() -> None:
    before = page(*[f'<path d="M{i} 0" style="{STYLE}" />' for i in range(3)], '<path style="fill:red" />')
    after = interned(before)
    (name,) = re.findall(r"\.(_\w+)\{fill:none;stroke:var\(--s1\)\}", after)
    assert after.count(f'class="{name}"') == 3 and f'style="{STYLE}"' not in after
    assert 'style="fill:red"' in after, "what stands once is left where it stands"
    assert len(after) < len(before)


def test_what_has_a_class_or_a_variable_of_its_own_is_left_alone() -> None:
    same = page(*['<path class="x" style="fill:red"/>'] * 4, *['<rect style="--shade:0.1"/>'] * 4, *['<p style="color:red">'] * 4)
    assert interned(same) == same


def test_most_frequent_style_gets_the_shortest_name() -> None:
    after = interned(page(*['<path style="a:b"/>'] * 3, *['<path style="c:d"/>'] * 9))
    assert "._a{c:d}" in after and "._b{a:b}" in after


def test_marks_keep_the_ids_they_refer_to() -> None:
    mark = '<defs><path id="plot-x-1-0" d="M0"/></defs><use href="#plot-x-1-0" x="1"/>'
    clip = '<clipPath id="plot-x-1-1"><rect/></clipPath><path clip-path="url(#plot-x-1-1)"/>'
    after = interned(page(mark, clip, '<a href="#plot-x">', '<figure id="plot-x">'))
    assert '<path id="_0"' in after and 'href="#_0"' in after and 'id="_1"' in after and "url(#_1)" in after
    assert '<a href="#plot-x">' in after and '<figure id="plot-x">' in after


def test_many_styles_have_different_names() -> None:
    after = interned(page(*[f'<path style="x:{i}"/>' * 3 for i in range(60)]))
    names = re.findall(r"\.(_\w+)\{x:\d+\}", after)
    assert len(set(names)) == 60
