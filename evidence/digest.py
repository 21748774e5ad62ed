"""A digest of the numbers that verdicts rest on: the same seeds, code and versions must give it again, bit for bit."""

import hashlib
import struct
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["digest"]


def digest(claims: Iterable[Mapping[str, Any]]) -> str:
    """Return the SHA-256 digest of each claim's numbers by seed, claims in any order.

    >>> part = {"name": "rate", "seeds": [1, 2], "per_seed": [0.5, None]}
    >>> digest([{"id": "gd-rate", "parts": [part]}])[:12]
    'a326d674735a'
    """
    total = hashlib.sha256()
    for claim in sorted(claims, key=lambda claim: str(claim["id"])):
        for part in claim["parts"]:
            total.update(f"{claim['id']}\0{part['name']}\0{len(part['per_seed'])}\0".encode())
            for seed, value in zip(part["seeds"], part["per_seed"], strict=False):
                total.update(struct.pack("<qd", seed, float("nan") if value is None else value))
    return total.hexdigest()
