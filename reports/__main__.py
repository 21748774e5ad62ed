"""The command line: ``python -m reports render EVIDENCE.json [-o PAGE.html]``.

What goes wrong is said in one sentence on stderr, with exit code 2.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from reports.record import RecordError, read


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code.

    >>> main(["render", "no/such/file.json"])
    2
    """
    options = _parser().parse_args(arguments)
    try:
        print(_render(options.evidence, options.output))
    except RecordError as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"The page cannot be written: {error.strerror} ({error.filename}).")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reports", description="Show evidence of Depth on Trial.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    render = commands.add_parser("render", help="make the HTML page of an evidence record")
    render.add_argument("evidence", type=Path, metavar="EVIDENCE.json", help="the evidence record")
    render.add_argument("-o", "--output", type=Path, metavar="PAGE.html", help="default: index.html beside the record")
    return parser


def _render(evidence: Path, output: Path | None) -> Path:
    record = read(evidence)
    # matplotlib takes most of the start-up time, and a damaged record should be told at once.
    from reports.page import write

    return write(record, output or evidence.with_name("index.html"))


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
