"""The command line: ``python -m reports VERB``, what can be done with evidence records.

What goes wrong is said in one sentence on stderr, with exit code 2.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from reports.output import printable, write_text
from reports.record import Record, RecordError, read

if TYPE_CHECKING:
    Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

EXAMPLES = {
    "render": "python -m reports render reports/out/evidence.json -o page.html",
    "diff": "python -m reports diff reports/reference/evidence.json reports/out/evidence.json --markdown",
    "merge": "python -m reports merge torch-2.13/evidence.json torch-2.14/evidence.json -o matrix.html",
    "badge": "python -m reports badge reports/reference/evidence.json -o badge.svg",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code.

    >>> main(["render", "no/such/file.json"])
    2
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = _parser()
    if not given:
        parser.exit(2, parser.format_help())
    if not given[0].startswith("-") and given[0] not in EXAMPLES:
        *others, last = EXAMPLES
        parser.exit(2, f"{parser.format_usage()}There is no verb {given[0]!r}; the verbs are {', '.join(others)} and {last}.\n")
    options = parser.parse_args(given)
    work: Callable[[argparse.Namespace], int] = options.work
    try:
        return work(options)
    except RecordError as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"The {options.makes} cannot be written: {error.strerror} ({error.filename}).")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m reports",
        description="Show and compare evidence records of Depth on Trial.",
        epilog="Exit codes: 0 done, 1 (diff) a verdict differs, 2 something is wrong. Each verb has its own --help.",
    )
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    for name, add in {"render": _add_render, "diff": _add_diff, "merge": _add_merge, "badge": _add_badge}.items():
        verb = add(verbs)
        verb.epilog = f"Example: {EXAMPLES[name]}"
    return parser


def _add_render(verbs: Verbs) -> argparse.ArgumentParser:
    verb = verbs.add_parser("render", help="make the HTML page of an evidence record")
    verb.add_argument("evidence", type=Path, metavar="EVIDENCE.json", help="the evidence record")
    verb.add_argument("-o", "--output", type=Path, metavar="PAGE.html", help="default: index.html beside the record")
    verb.set_defaults(work=_render, makes="page")
    return verb


def _add_diff(verbs: Verbs) -> argparse.ArgumentParser:
    verb = verbs.add_parser("diff", help="compare two records; the exit code is 1 where a verdict differs")
    verb.add_argument("old", type=Path, metavar="OLD.json", help="the record to compare with")
    verb.add_argument("new", type=Path, metavar="NEW.json", help="the record that is compared")
    verb.add_argument("--markdown", action="store_true", help="give tables for a pull request")
    verb.set_defaults(work=_diff, makes="difference")
    return verb


def _add_merge(verbs: Verbs) -> argparse.ArgumentParser:
    verb = verbs.add_parser("merge", help="put records side by side on one HTML page: claims by runs")
    verb.add_argument(
        "evidence",
        type=Path,
        nargs="+",
        metavar="RECORD.json",
        help="the records, in the order of the columns; a folder stands for every evidence.json in its folders, 2.9 before 2.14",
    )
    verb.add_argument(
        "-o", "--output", type=Path, metavar="MATRIX.html", default=Path("matrix.html"), help="default: %(default)s"
    )
    verb.set_defaults(work=_merge, makes="matrix")
    return verb


def _add_badge(verbs: Verbs) -> argparse.ArgumentParser:
    verb = verbs.add_parser("badge", help="make an SVG that counts the verdicts, for a README")
    verb.add_argument("evidence", type=Path, metavar="RECORD.json", help="the evidence record")
    verb.add_argument("-o", "--output", type=Path, metavar="BADGE.svg", help="default: badge.svg beside the record")
    verb.set_defaults(work=_badge, makes="badge")
    return verb


# ---- verbs: each imports what it needs, for drawing takes most of the start-up time ----------------------------


def _render(options: argparse.Namespace) -> int:
    record = read(options.evidence)
    page = _output(options.output or options.evidence.with_name("index.html"), [options.evidence])
    from reports.page import write

    _say(write(record, page))
    return 0


def _diff(options: argparse.Namespace) -> int:
    from reports.diff import compare
    from reports.diff_words import markdown, text

    old, new = _read_all([options.old, options.new])
    found = compare(old, new)
    _say((markdown if options.markdown else text)(found, old, new))
    return 1 if found.flips else 0


def _merge(options: argparse.Namespace) -> int:
    paths = [record for path in options.evidence for record in records_in(path)]
    records, matrix = _read_all(paths), _output(options.output, paths)
    from reports.merge import render

    _say(write_text(matrix, render(records)))
    return 0


def _badge(options: argparse.Namespace) -> int:
    from reports.badge import render

    record = read(options.evidence)
    badge = _output(options.output or options.evidence.with_name("badge.svg"), [options.evidence])
    _say(write_text(badge, render(record)))
    return 0


def _output(output: Path, records: Sequence[Path]) -> Path:
    """Where to write; raises RecordError where that is one of the records, which no page can bring back."""
    if output.resolve() in [record.resolve() for record in records]:
        raise RecordError(f"--output is {str(output)!r}, which is the record itself; name another file.")
    return output


def records_in(path: Path) -> list[Path]:
    """Every evidence.json one folder below a folder, numbers in names by their size; a path that is no folder stands for itself.

    Raises RecordError where the folder has none.

    >>> [path.name for path in records_in(Path("a/evidence.json"))]
    ['evidence.json']
    """
    if not path.is_dir():
        return [path]
    found = sorted(path.glob("*/evidence.json"), key=_by_number)
    if not found:
        raise RecordError(f"{path}: no folder in it has an evidence.json.")
    return found


def _by_number(path: Path) -> list[tuple[int, str]]:
    """A key by which torch2.9 comes before torch2.14."""
    return [(int(piece), "") if piece.isdecimal() else (-1, piece) for piece in re.split(r"(\d+)", path.parent.name)]


def _read_all(paths: Sequence[Path]) -> list[Record]:
    """Several records; what is wrong with one names its file."""
    records = []
    for path in paths:
        try:
            records.append(read(path))
        except RecordError as error:
            raise error if str(path) in str(error) else RecordError(f"{path}: {error}") from None
    return records


def _say(told: object) -> None:
    try:
        print(printable(str(told)), flush=True)
    except BrokenPipeError:  # whoever reads has seen enough; Python would complain again when it flushes at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
