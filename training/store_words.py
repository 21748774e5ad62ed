"""What a session says of its use of the run store, in plain sentences."""

from collections import defaultdict
from collections.abc import Iterable

from training.eviction import Removed, bytes_in_words
from training.explain import in_ranges
from training.store import Different

__all__ = ["different", "evicted"]


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
