"""A store that cannot be written keeps nobody from training: what was computed is used, and one sentence says why it is lost."""

from collections.abc import Callable, Sequence

from training.machine import Machine
from training.store import Arrays, Store, Trainable, basis, key_of, read_block

__all__ = ["Unstored"]


class Unstored:
    """Obtains blocks from a store; `reason` is a sentence once one could not be stored, else empty."""

    def __init__(self, store: Store) -> None:
        self.store, self.reason = store, ""

    def obtain(self, what: Trainable, seeds: Sequence[int], machine: Machine, train: Callable[[], Arrays]) -> Arrays:
        """Return the block as `Store.obtain` does, also where the folder cannot be written. Raises what `train` raises."""
        trained: list[Arrays] = []
        failed: list[BaseException] = []

        def once() -> Arrays:
            try:
                trained.append(train())
            except BaseException as error:
                failed.append(error)
                raise
            return trained[0]

        try:
            return self.store.obtain(what, seeds, machine, once)
        except OSError as error:
            if failed:
                raise
            stored = None if trained else read_block(self.store.folder / f"{key_of(basis(what, seeds, machine))}.npz")
            if stored is not None:
                return stored
            self.reason = _sentence(self.store, error)
            return trained[0] if trained else once()


def _sentence(store: Store, error: OSError) -> str:
    reason = error.strerror or str(error) or type(error).__name__
    return f"Trainings could not be stored in {str(store.folder)!r} ({reason}): they are judged, and trained again next time."
