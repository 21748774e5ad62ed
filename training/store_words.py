"""What a session says of its use of the run store, in plain sentences."""

import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from training.eviction import Removed, bytes_in_words
from training.explain import in_ranges
from training.store import Different

__all__ = ["different", "evicted", "repeated", "unwritable"]


def different(blocks: Iterable[Different]) -> list[str]:
    """Return one sentence for each arm that came out otherwise when it was trained again on the CPU.

    On a GPU that is no surprise, since its order of additions may vary.

    >>> different([Different("plain", (0, 1), "cpu", ("error",)), Different("plain", (2,), "cuda", ("error",))])
    ['plain: trained again, seeds 0 to 1 came out other than stored (error): these numbers are not repeatable bit for bit.']
    """
    seeds: dict[str, set[int]] = defaultdict(set)
    arrays: dict[str, set[str]] = defaultdict(set)
    for block in blocks:
        if block.device == "cpu":
            seeds[block.arm].update(block.seeds)
            arrays[block.arm].update(block.arrays)
    return [
        f"{arm}: trained again, seeds {in_ranges(sorted(which))} came out other than stored ({', '.join(sorted(arrays[arm]))}): "
        "these numbers are not repeatable bit for bit."
        for arm, which in seeds.items()
    ]


def repeated(blocks: int, different: int) -> list[str]:
    """Return the sentence on blocks that were trained again; none where none was.

    >>> repeated(3, different=0)
    ['Trained again: 3 blocks, all bit for bit as stored.']
    >>> repeated(3, different=1)
    ['Trained again: 3 blocks, 2 of them bit for bit as stored.']
    """
    if not blocks:
        return []
    if blocks == 1:
        return [f"Trained again: 1 block, {'not ' * different}bit for bit as stored."]
    which = f"{blocks - different} of them" if different else "all"
    return [f"Trained again: {blocks} blocks, {which} bit for bit as stored."]


def unwritable(folder: Path) -> str:
    """Return the sentence on a store that cannot be written; empty where it can, and the folder is made.

    >>> unwritable(Path(__file__, "store")).startswith("the folder of --claims-store, ")
    True
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        return f"the folder of --claims-store, {str(folder)!r}, cannot be written ({error.strerror})."
    return ""


def evicted(removed: Removed, most: str) -> list[str]:
    """Return the sentence on blocks that were removed to keep the store within its size; none where none was.

    >>> evicted(Removed(blocks=2, size=2048), "1M")
    ['The store outgrew 1M: 2 blocks that were not used for longest are gone (2.0 kB). --claims-store-size sets the limit.']
    """
    if not removed.blocks:
        return []
    blocks = (
        "1 block that was not used for longest is"
        if removed.blocks == 1
        else (f"{removed.blocks} blocks that were not used for longest are")
    )
    size = bytes_in_words(removed.size)
    return [f"The store outgrew {most}: {blocks} gone ({size}). --claims-store-size sets the limit."]
