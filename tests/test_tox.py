"""The chores of tox.ini, read as text: what each installs, where it writes, and what the matrix of torch versions is made of."""

from __future__ import annotations

import re
from configparser import ConfigParser
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CHORES = (
    "tests", "claims", "smoke", "lowest", "torch-only", "calibration", "lint", "bench", "page", "reference", "matrix-report",
)  # fmt: skip
# In the library from Python 3.11 on; what is read here is the same for all.
tomllib = pytest.importorskip("tomllib")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def expand(names: str) -> list[str]:
    """Names with braces, as tox expands them."""
    found: list[str] = []
    for name in re.split(r",(?![^{]*\})", names):
        pieces = [piece.split(",") for piece in re.split(r"[{}]", name.strip())]
        found += ["".join(chosen) for chosen in product(*pieces)]
    return found


@pytest.fixture(scope="module")
def ini() -> ConfigParser:
    read = ConfigParser(interpolation=None)
    assert read.read(ROOT / "tox.ini", encoding="utf-8")
    return read


@pytest.fixture(scope="module")
def columns(ini: ConfigParser) -> str:
    """The section that makes the matrix's environments."""
    (name,) = [name for name in ini.sections() if name.startswith("testenv:torch{")]
    return name


@pytest.fixture(scope="module")
def matrix(ini: ConfigParser) -> list[str]:
    """The environments of `tox -m matrix`, in their order."""
    labels = dict(line.split(" = ", 1) for line in ini["tox"]["labels"].strip().splitlines())
    return expand(labels["matrix"])


def pins(ini: ConfigParser, columns: str) -> dict[str, dict[str, str]]:
    """What each torch factor installs: package to version."""
    found: dict[str, dict[str, str]] = {}
    for line in ini[columns]["deps"].strip().splitlines():
        if exact := re.fullmatch(r"(\S+): (\w+)==(\S+)", line):
            factor, package, version = exact.groups()
            found.setdefault(factor, {})[package] = version
    return found


def numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@pytest.mark.parametrize(
    ("names", "expanded"),
    [
        ("a", ["a"]),
        ("a, b", ["a", "b"]),
        ("a{1,2}", ["a1", "a2"]),
        ("a{1,2}-b{3,4}, c", ["a1-b3", "a1-b4", "a2-b3", "a2-b4", "c"]),
        ("a{,-cpu}", ["a", "a-cpu"]),
    ],
)
def test_names_are_expanded_as_tox_does(names: str, expanded: list[str]) -> None:
    assert expand(names) == expanded


# ---- every chore ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chore", CHORES)
def test_a_chore_says_in_one_line_what_it_does(ini: ConfigParser, chore: str) -> None:
    words = ini[f"testenv:{chore}"]["description"]
    assert words and "\n" not in words


def test_descriptions_differ(ini: ConfigParser) -> None:
    words = [ini[name]["description"] for name in ini.sections() if name.startswith("testenv:")]
    assert len(set(words)) == len(words)


def test_every_chore_pins_the_hash_seed(ini: ConfigParser) -> None:
    assert "PYTHONHASHSEED = 0" in ini["testenv"]["set_env"]
    own = [name for name in ini.sections() if name.startswith("testenv:") and "set_env" in ini[name]]
    assert all("{[testenv]set_env}" in ini[name]["set_env"] for name in own)


def test_what_is_installed_comes_from_the_index_but_for_the_cpu_factor(ini: ConfigParser) -> None:
    addresses = [line.strip() for line in (ROOT / "tox.ini").read_text(encoding="utf-8").splitlines() if "http" in line]
    assert addresses == ["cpu: PIP_EXTRA_INDEX_URL = https://download.pytorch.org/whl/cpu"]


def test_groups_exist(ini: ConfigParser) -> None:
    groups = {ini[name]["dependency_groups"] for name in ini.sections() if "dependency_groups" in ini[name]}
    assert groups - {""} <= set(PYPROJECT["dependency-groups"])


def test_the_lowest_versions_are_the_lower_bounds(ini: ConfigParser) -> None:
    groups = PYPROJECT["dependency-groups"]
    bounds = dict(line.split(">=") for line in [*groups["run"], *groups["download"]])
    lowest = dict(line.split("==") for line in ini["testenv:lowest"]["deps"].split())
    assert lowest == bounds
    assert PYPROJECT["project"]["requires-python"] == f">={ini['testenv:lowest']['base_python'].removeprefix('python')}"


# ---- the matrix ----------------------------------------------------------------------------------------------


def test_the_matrix_ends_with_its_page(matrix: list[str]) -> None:
    assert matrix[-1] == "matrix-report" and matrix.count("matrix-report") == 1


def test_every_column_is_an_environment(ini: ConfigParser, columns: str, matrix: list[str]) -> None:
    assert set(matrix[:-1]) <= set(expand(columns.removeprefix("testenv:")))


def test_columns_are_old_middle_torch_only_and_newest(matrix: list[str]) -> None:
    assert list(dict.fromkeys(name.split("-")[0] for name in matrix[:-1])) == ["torch2.4", "torch2.9", "torch2.13", "torch2.14"]


def test_no_column_is_of_a_python_that_the_project_excludes(matrix: list[str]) -> None:
    oldest = numbers(PYPROJECT["project"]["requires-python"].removeprefix(">="))
    pythons = {re.search(r"py3(\d+)", name).group(1) for name in matrix[:-1]}  # type: ignore[union-attr]
    assert min((3, int(each)) for each in pythons) == oldest


def test_the_oldest_torch_has_no_column_of_a_python_without_its_wheel(matrix: list[str]) -> None:
    assert "torch2.4-py312" in matrix and "torch2.4-py313" not in matrix


def test_an_absent_interpreter_is_skipped(ini: ConfigParser) -> None:
    assert ini["tox"]["skip_missing_interpreters"] == "true"


def test_a_factor_installs_the_torch_it_names(ini: ConfigParser, columns: str, matrix: list[str]) -> None:
    found = pins(ini, columns)
    assert {name.split("-")[0] for name in matrix[:-1]} == set(found)
    assert all(pinned["torch"].startswith(factor.removeprefix("torch") + ".") for factor, pinned in found.items())


def test_the_oldest_torch_has_a_numpy_that_was_tried_with_it(ini: ConfigParser, columns: str) -> None:
    assert "torch2.4: numpy<2.3" in ini[columns]["deps"]


def test_torchvision_is_the_one_made_for_its_torch(ini: ConfigParser, columns: str) -> None:
    for pinned in pins(ini, columns).values():
        if "torchvision" in pinned:  # torchvision 0.(n + 15) belongs to torch 2.n
            assert numbers(pinned["torchvision"])[1] == numbers(pinned["torch"])[1] + 15


def test_one_column_is_without_torchvision_as_the_chore_torch_only(ini: ConfigParser, columns: str) -> None:
    (alone,) = [pinned for pinned in pins(ini, columns).values() if "torchvision" not in pinned]
    assert ini["testenv:torch-only"]["deps"].strip() == f"torch=={alone['torch']}"


def test_the_oldest_is_the_one_that_the_project_promises(ini: ConfigParser, columns: str) -> None:
    (lowest,) = [each for each in PYPROJECT["dependency-groups"]["run"] if str(each).startswith("torch>=")]
    oldest = min((pinned["torch"] for pinned in pins(ini, columns).values()), key=numbers)
    assert oldest == lowest.removeprefix("torch>=")


def test_the_newest_is_the_one_installed_by_default(ini: ConfigParser, columns: str) -> None:
    newest = max(pins(ini, columns).values(), key=lambda pinned: numbers(pinned["torch"]))
    assert ini["testenv"]["deps"].strip().splitlines()[-2:] == [f"{name}=={version}" for name, version in newest.items()]


def test_every_column_keeps_its_record_where_the_page_looks(ini: ConfigParser, columns: str) -> None:
    assert "--claims-report=reports/out/matrix/{env_name}" in ini[columns]["commands"]
    assert "merge {posargs:reports/out/matrix} " in ini["testenv:matrix-report"]["commands"]
    for name in ("claims", "smoke"):
        assert "pytest claims " in ini[f"testenv:{name}"]["commands"], "options given besides must not lose the folder"


def test_columns_share_the_store(ini: ConfigParser, columns: str) -> None:
    assert "--claims-store" not in ini[columns]["commands"]


def test_ci_leaves_the_matrix_out() -> None:
    assert "matrix" not in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
