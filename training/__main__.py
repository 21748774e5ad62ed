"""The command line: ``python -m training prune`` tidies the run store.

What goes wrong is said in one sentence on stderr, with exit code 2.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from training.eviction import Removed, bytes_in_words, prune

__all__ = ["main"]

STORE = ".claims-store"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code.

    >>> main(["prune", "--store", "no/such/folder"])
    2
    """
    options = _parser().parse_args(arguments)
    if not options.store.is_dir():
        print(f"There is no store at {str(options.store)!r}; name its folder with --store.", file=sys.stderr)
        return 2
    try:
        removed = prune(options.store, unknown=options.unknown, dry_run=options.dry_run)
    except OSError as error:
        print(f"The store cannot be tidied: {error.strerror} ({error.filename}).", file=sys.stderr)
        return 2
    print(*_said(removed, dry_run=options.dry_run), sep="\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description="Tidy the store of finished trainings.")
    verb = parser.add_subparsers(title="verbs", required=True, metavar="VERB").add_parser(
        "prune",
        help="remove what the present code and packages do not give",
        description="Remove blocks that other code or other versions of packages gave, parts of files that killed writers left "
        "an hour ago or earlier, and locks that nobody holds. Blocks that another process is using are left.",
    )
    verb.add_argument("--store", type=Path, default=Path(STORE), metavar="DIR", help=f"the store's folder (default: {STORE})")
    verb.add_argument("--unknown", action="store_true", help="remove blocks that do not say what they depend on, too")
    verb.add_argument("--dry-run", action="store_true", help="say what would be removed, and remove nothing")
    return parser


def _said(removed: Removed, *, dry_run: bool) -> list[str]:
    verb = "Would remove" if dry_run else "Removed"
    kinds = {"stale block": removed.blocks, "part of a file": removed.parts, "free lock": removed.locks}
    first = ", ".join(f"{n} {_plural(kind, n)}" for kind, n in kinds.items())
    said = [f"{verb} {first}: {bytes_in_words(removed.size)}."]
    if removed.unknown:
        blocks = _plural("block", removed.unknown)
        said.append(f"Left {removed.unknown} {blocks} whose dependencies are unknown; --unknown removes them.")
    return said


def _plural(kind: str, n: int) -> str:
    """Return the kind's plural, unless there is one of it.

    >>> _plural("part of a file", 2), _plural("free lock", 1)
    ('parts of files', 'free lock')
    """
    return kind if n == 1 else {"part of a file": "parts of files"}.get(kind, f"{kind}s")


if __name__ == "__main__":
    raise SystemExit(main())
