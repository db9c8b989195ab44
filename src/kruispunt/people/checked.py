"""What every table of `people.toml` is made of: bounded figures, and no unknown keys."""

from typing import Annotated

from msgspec import Meta, Struct

Share = Annotated[float, Meta(ge=0, le=1)]
Weight = Annotated[float, Meta(ge=0)]
Positive = Annotated[float, Meta(gt=0)]
Count = Annotated[int, Meta(ge=1)]
Age = Annotated[int, Meta(ge=0, le=120)]
Code = Annotated[str, Meta(max_length=20)]


class Checked(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One table of `people.toml`: unknown keys are refused."""
