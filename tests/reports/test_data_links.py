"""The data of a claim as links."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import math
from urllib.parse import unquote

from reports.data_links import as_csv, compressed_csv_link, csv_link, json_link
from tests.reports.sample_record import Json, claim, control, exploration, exponents, part


def opened(link: str) -> str:
    kind, _, data = link.partition(",")
    assert kind == "data:application/gzip;base64"
    return gzip.decompress(base64.b64decode(data)).decode()


def one(**more: object) -> Json:
    return claim("gd-rate", exponents(0.01), "supported", explorations=[exploration("early", 0.3)], **more)


def test_csv_holds_every_number_by_seed_in_digits_that_tell_them_apart() -> None:
    found = one()
    rows = list(csv.reader(io.StringIO(as_csv(found))))
    assert rows[0][:2] == ["part", "judged"] and [row[1] for row in rows[1:]] == ["yes"] * len(found["parts"]) + ["no"]
    for row, judged in zip(rows[1:], [*found["parts"], *found["explorations"]], strict=True):
        read = [float(text) for text in row[2 : 2 + len(judged["per_seed"])]]
        assert all(math.isclose(a, b, rel_tol=1e-3) for a, b in zip(read, judged["per_seed"], strict=True))


def test_close_numbers_keep_the_digits_they_need_up_to_seven() -> None:
    near = part("p = 4", 0.0, 1.0, [0, 1], 0.5, "supported", n=2) | {"per_seed": [0.50001, 0.50002]}
    assert as_csv(claim("a", [near], "supported")).splitlines()[1] == "p = 4,yes,0.50001,0.50002"


def test_parts_with_other_seeds_have_columns_of_their_own() -> None:
    first = part("a", 0.0, 1.0, [0, 1], 0.5, "supported", n=2) | {"seeds": [1, 2], "per_seed": [0.25, None]}
    second = part("b", 0.0, 1.0, [0, 1], 0.5, "supported", n=2) | {"seeds": [2, 3], "per_seed": [0.5, 0.75]}
    assert as_csv(claim("c", [first, second], "supported")) == "part,judged,1,2,3\na,yes,0.25,,\nb,yes,,0.5,0.75\n"


def test_seeds_that_are_not_told_are_numbered() -> None:
    lost = part("a", 0.0, 1.0, [0, 1], 0.5, "supported", n=2) | {"seeds": [], "per_seed": [0.25, 0.5]}
    assert as_csv(claim("c", [lost], "supported")).startswith("part,judged,1,2\n")


def test_csv_link_gives_the_text_back() -> None:
    text = "part,“x” & y\n1,2 3\n"
    assert unquote(csv_link(text).partition(",")[2]) == text
    assert opened(compressed_csv_link(text)) == text


def test_json_holds_the_numbers_and_no_drawing() -> None:
    found = one(controls=[control("p = 4")])
    read = json.loads(opened(json_link(found)))
    assert read["id"] == "gd-rate" and read["verdict"] == "supported" and not {"curves", "maps", "statement"} & read.keys()
    for kept, judged in zip(read["parts"], found["parts"], strict=True):
        assert math.isclose(kept["estimate"], judged["estimate"], rel_tol=1e-6) and "per_seed" not in kept
        assert kept["interval"]["95"][0] == float(f"{judged['interval']['95'][0]:.7g}")
    assert read["controls"][0]["passed"] is True and read["explorations"][0]["name"] == "early"


def test_same_claim_gives_the_same_link() -> None:
    assert json_link(one()) == json_link(one()) and compressed_csv_link("a") == compressed_csv_link("a")
