"""Bytes that nobody wrote: any at all, and good ones of which pieces were changed."""

import re
from typing import Final

from hypothesis import strategies as st

DEEP: Final = 5_000
AWKWARD: Final = (
    b"",
    b"\x00",
    b"\xff\xfe",
    b"\xc3",
    b"\r",
    b"\n",
    b'"',
    b"\\ud800",
    b"[" * DEEP,
    b'{"a":' * DEEP,
    b"{" * DEEP,
    b"9" * DEEP,
    b"-1",
    b"1e999",
    b"NaN",
    b"Infinity",
    b"null",
    b"true",
    b"[]",
    b"{}",
    b'""',
    b"0001-01-01T00:00:00+14:00",
    b"9999-12-31T23:59:59.999999-14:00",
    b"0001-01-01",
    b"9999-12-31",
    b"0000-00-00",
    "é\u2028\u0663".encode(),
)
"""What breaks readers: depth, length, half a letter, the ends of time, numbers that are none."""

_VALUE: Final = re.compile(rb'[:=,\[]\s*("[^"]*"|[-0-9.a-z]+)')
"""A value of JSON or TOML."""

PIECES: Final = st.binary(max_size=8) | st.sampled_from(AWKWARD)


@st.composite
def spoiled(draw: st.DrawFn, *seeds: bytes) -> bytes:
    """One of these, of which some places now say something else."""
    body = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(body)))
        end = min(len(body), begin + draw(st.integers(0, 24)))
        body = body[:begin] + draw(PIECES) + body[end:]
    return body


@st.composite
def told_otherwise(draw: st.DrawFn, *seeds: bytes) -> bytes:
    """One of these, in which one whole value of JSON is another: it is read up to that value."""
    body = draw(st.sampled_from(seeds))
    found = list(_VALUE.finditer(body))
    if not found:
        return draw(spoiled(body))
    place = draw(st.sampled_from(found))
    value = draw(st.sampled_from(AWKWARD))
    other = value if draw(st.booleans()) else b'"' + value + b'"'
    return body[: place.start(1)] + other + body[place.end(1) :]


def anything(*seeds: bytes) -> st.SearchStrategy[bytes]:
    """Any bytes, or spoiled ones."""
    return st.binary(max_size=200) | spoiled(*seeds) | told_otherwise(*seeds)
