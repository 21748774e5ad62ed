"""The digits of the repository, unpacked once for all tests of this room."""

from models.mnist import embedded_digits

__all__ = ["EMBEDDED"]

EMBEDDED = embedded_digits()
