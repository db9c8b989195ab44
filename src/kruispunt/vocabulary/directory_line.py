"""Who knows whom, as what, from when to when: one line of a reference directory."""

from typing import Final

from msgspec import Struct

from kruispunt.vocabulary.dates import Period
from kruispunt.vocabulary.names import InstitutionCode, Quality, Sector
from kruispunt.vocabulary.numbers import Ssin

PROVISIONAL: Final = Quality(902)
DEFINITIVE: Final = Quality(0)
REPLACED: Final = Quality(999)


class DirectoryLine(Struct, frozen=True, kw_only=True):
    """A sector knows a person in a quality during a period.

    `member` is the institution inside the sector. Only the directory of a node holds it: at the
    hub it is always None, since who is insured where is nobody's business there.
    """

    ssin: Ssin
    sector: Sector
    quality: Quality
    period: Period
    phase: int = 0
    member: InstitutionCode | None = None
