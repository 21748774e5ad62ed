"""What the run store would be asked for: which blocks are there, which would be trained, and why a stored one is stale.

Nothing is trained here. A block that is not found is compared with what the notes in the store say of other blocks: the nearest
of them tells what has changed since.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from training.machine import Machine
from training.store import Arrays, State, Store, Trainable, basis, key_of, note_of, read_block
from training.trainer import blocks_of

__all__ = ["STORED", "Asked", "Shelf", "in_ranges", "kept", "notes", "why"]

Note: TypeAlias = dict[str, Any]
STORED = "stored"
MOST_CHANGES = 3
"""Changes of a description that are named; beyond, another training is no earlier state of this one."""
ABSENT = object()


class Asked(NamedTuple):
    """A block that was asked for: its arm, its seeds, "stored" or why it would be trained, and its name."""

    arm: str
    seeds: tuple[int, ...]
    state: str
    key: str


class Shelf(Store):
    """The blocks of a store, to be looked at: none is trained, written or marked as used."""

    def __init__(self, folder: Path, notes: list[Note]) -> None:
        super().__init__(folder)
        self.notes = notes
        self.found: dict[str, Arrays] = {}

    def look(self, what: Trainable, seeds: Sequence[int], machine: Machine) -> Asked:
        """Return whether a block is stored, or why it is not found."""
        depends_on = basis(what, seeds, machine)
        key = key_of(depends_on)
        path = self.folder / f"{key}.npz"
        arrays = read_block(path)
        if arrays is not None:
            self.found[key] = arrays
            return Asked(what.arm, tuple(seeds), STORED, key)
        damaged = "the stored block is damaged" if path.exists() else ""
        return Asked(what.arm, tuple(seeds), damaged or why(depends_on, self.notes), key)

    def look_at(self, arms: Sequence[Trainable], seeds: Sequence[int], machine: Machine) -> list[tuple[Trainable, Asked]]:
        """Return all blocks of a training, with their arms."""
        return [(arm, self.look(arm, block, machine)) for arm in arms for block in blocks_of(seeds, arm.block(machine.device))]

    def obtain(self, what: Trainable, seeds: Sequence[int], machine: Machine, train: object) -> Arrays:
        """Return a block that was looked at and found; raises ``KeyError`` for any other."""
        return dict(self.found[key_of(basis(what, seeds, machine))])


def notes(folder: Path) -> list[Note]:
    """Return what is noted beside the blocks of a folder, for blocks that are there; unreadable notes are left out.

    >>> notes(Path("no/such/folder"))
    []
    """
    found = (note_of(path) for path in sorted(folder.glob("*.npz")))
    return [note for note in found if note is not None]


def kept(folder: Path, state: State) -> list[Asked] | None:
    """Return the blocks of a test by what was kept of them; None unless all are stored as they were.

    >>> state = {"arms": {"1f": "plain"}, "blocks": {"1f": "2e"}, "subjects": {"1f": "3d"}, "code": {}, "packages": {}}
    >>> kept(Path("no/such/folder"), state | {"seconds": {"1f": 1.0}}) is None
    True
    """
    if not Store(folder).has(state):
        return None
    found = {key: note_of(folder / f"{key}.npz") for key in state["arms"]}
    blocks = [Asked(state["arms"][key], tuple(note["seeds"]), STORED, key) for key, note in found.items() if note is not None]
    return blocks if len(blocks) == len(found) else None


def why(wanted: Note, stored: Iterable[Note]) -> str:
    """Return why a block is not found: what has changed since the nearest one that is noted was trained.

    >>> block = {"what": {"class": "Descent", "steps": 10}, "seeds": [0], "code": {"a.py": "1"}, "packages": {"numpy": "2.0"}}
    >>> block |= {"device": "cpu", "digits": None}
    >>> why(block | {"code": {"a.py": "2"}, "packages": {"numpy": "2.1"}}, [block])
    'a.py has changed; numpy was 2.0, now 2.1'
    >>> why(block | {"seeds": [0, 1]}, [block])
    'new seeds: 1'
    >>> why(block, [])
    'never trained here, or unknown'
    """
    kin = [note for note in stored if _class(note) == _class(wanted)]
    same = [note for note in kin if note["what"] == wanted["what"]]
    near = [_changes(note, wanted) for note in same if note["seeds"] == wanted["seeds"]]
    if near:
        nearest = min(near, key=len)
        return "; ".join(nearest)
    if same:
        return _other_seeds(wanted, same)
    others = [_described(note, wanted) for note in kin if note["seeds"] == wanted["seeds"]]
    changed = min(others, key=len) if others else []
    if 0 < len(changed) <= MOST_CHANGES:
        return f"never trained as described; the nearest stored one differs in {'; '.join(changed)}"
    return "never trained here, or unknown"


# ---- what has changed --------------------------------------------------------------------------------------------


def _class(note: Note) -> str:
    return str(note["what"]["class"]) if isinstance(note["what"], dict) else ""


def _changes(before: Note, now: Note) -> list[str]:
    """Return what differs between two blocks of the same description and seeds, in words."""
    found = [_file_words(name, before["code"], now["code"]) for name in _differing(before["code"], now["code"])]
    for name in _differing(before["packages"], now["packages"]):
        found.append(f"{name} was {before['packages'].get(name, 'not used')}, now {now['packages'].get(name, 'not used')}")
    if before["device"] != now["device"]:
        found.append(f"trained on {before['device']}, now on {now['device']}")
    if before["digits"] != now["digits"]:
        found.append("the digits are others")
    return found or ["the order of files has changed"]


def _file_words(name: str, before: Note, now: Note) -> str:
    state = "has changed" if name in before and name in now else "is new" if name in now else "is no longer used"
    return f"{name} {state}"


def _other_seeds(wanted: Note, same: Sequence[Note]) -> str:
    known = {seed for note in same for seed in note["seeds"]}
    new = [seed for seed in wanted["seeds"] if seed not in known]
    return f"new seeds: {in_ranges(new)}" if new else "its seeds are stored in blocks that are cut otherwise"


def _described(before: Note, now: Note) -> list[str]:
    """Return by which values two descriptions differ."""
    old, new = dict(_leaves(before["what"])), dict(_leaves(now["what"]))
    return [f"{name}: {_value(old, name)}, now {_value(new, name)}" for name in _differing(old, new)]


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else key)
    else:
        yield name, value


def _value(values: dict[str, Any], name: str) -> str:
    return json.dumps(values[name]) if name in values else "absent"


def _differing(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    return sorted(name for name in before.keys() | now.keys() if before.get(name, ABSENT) != now.get(name, ABSENT))


def in_ranges(seeds: Sequence[int]) -> str:
    """Return seeds as ranges.

    >>> in_ranges([1, 2, 3, 7])
    '1 to 3, 7'
    """
    ends = [[seeds[0], seeds[0]]]
    for seed in seeds[1:]:
        if seed == ends[-1][1] + 1:
            ends[-1][1] = seed
        else:
            ends.append([seed, seed])
    return ", ".join(str(low) if low == high else f"{low} to {high}" for low, high in ends)
