"""What is said of the processor."""

import platform

import pytest

from training.machine import processor

LISTED = "processor\t: 0\nmodel name\t: AMD EPYC: 9354\nflags\t\t: fpu {flags} sse\n\nprocessor\t: 1\nmodel name\t: another\n"


@pytest.mark.parametrize(
    ("flags", "words"),
    [("avx avx2 avx512f", "AMD EPYC: 9354, AVX-512"), ("avx avx2", "AMD EPYC: 9354, AVX2"), ("", "AMD EPYC: 9354")],
)
def test_the_first_processor_is_named_with_its_widest_vectors(flags, words, tmp_path):
    (tmp_path / "cpuinfo").write_text(LISTED.format(flags=flags))
    assert processor(tmp_path / "cpuinfo") == words


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00", b"processor : 0\n"])
def test_where_none_is_listed_the_kind_is_named(content, tmp_path):
    path = tmp_path / "cpuinfo"
    if content is not None:
        path.write_bytes(content)
    assert processor(path) == (platform.processor() or platform.machine()) != ""
