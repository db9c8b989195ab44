"""Options that commands about cases share, and amounts as people write them."""

import re
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter, validators

As = Annotated[str, Parameter(name="--as", help="The institution whose cases these are.")]
Json = Annotated[bool, Parameter(negative="", help="JSON; one object per line where several.")]
State = Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")]
Wait = Annotated[
    float,
    Parameter(
        help="Seconds to follow it, until it waits for people only.",
        validator=validators.Number(gte=0, lte=3600),
    ),
]

_AMOUNT: Final = re.compile(r"([0-9]{1,10})(?:\.([0-9]{2}))?")


class NoAmount(ValueError):
    """What was given is no amount."""


def read_cents(text: str) -> int:
    """Whole cents of an amount in euro.

    Raises:
        NoAmount: it is none; nothing is rounded.
    """
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise NoAmount("expected an amount in euro, as 12345.67")
    return int(found[1]) * 100 + int(found[2] or 0)
