"""Named random streams: each seed owns one independent generator for every use that needs chance.

Arms of a comparison are paired by drawing from streams of the same name at the same seed, whatever else either arm draws.
"""

import zlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["INITIAL_STD", "stream", "truncated_normal"]

INITIAL_STD = 0.1
"""The published standard deviation of every matrix and factor of a network before its truncation."""


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the generator of one named stream of one seed, always from its beginning.

    >>> bool(stream(3, "targets").normal() == stream(3, "targets").normal())
    True
    >>> bool(stream(3, "targets").normal() == stream(3, "init").normal())
    False
    """
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def truncated_normal(generator: np.random.Generator, shape: tuple[int, ...], std: float) -> NDArray[np.float64]:
    """Draw normal numbers of mean 0, redrawing those beyond two standard deviations, as TensorFlow 1 did.

    The result's own standard deviation is 0.8796 `std`.

    >>> draws = truncated_normal(stream(0, "init"), (1000,), std=0.1)
    >>> bool(abs(draws).max() <= 0.2)
    True
    """
    draws = generator.normal(0.0, std, shape)
    while (beyond := np.abs(draws) > 2 * std).any():
        draws[beyond] = generator.normal(0.0, std, int(beyond.sum()))
    return draws
