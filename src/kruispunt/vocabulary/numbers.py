"""Numbers of persons and employers: each type checks its digits once and can't be built wrong."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, Self

from kruispunt.vocabulary.dates import IncompleteDate

MODULUS: Final = 97
BIS_SEX_UNKNOWN: Final = 20
BIS_SEX_KNOWN: Final = 40
NOBODYS_HEAD: Final = BIS_SEX_UNKNOWN * 100_000

Sex = Literal["male", "female"]


class WrongNumber(ValueError):
    """A number that breaks its rule. The message names the rule, never the number."""


@dataclass(frozen=True, slots=True, order=True)
class Ssin:
    """Identification number of social security: a National Register number or a BIS number.

    Eleven digits `YYMMDD NNN CC`. `CC` is 97 minus the first nine digits modulo 97, computed on
    "2" followed by those nine for a birth from 2000 on; month + 20 or + 40 marks a BIS number;
    month 00 or day 00 stand for a date that is not fully known (CommonV3 schema). Check digits
    never fit both centuries, since 2 000 000 000 is no multiple of 97; but a mistyped number may
    fit the other one, and dates may be made up: a birth date comes from a register, not from here.

    Prints as `Ssin(***)`; only `digits` reveals it.
    """

    digits: str

    def __post_init__(self) -> None:
        digits = self.digits
        if len(digits) != 11 or not digits.isascii() or not digits.isdigit():
            raise WrongNumber("expected 11 digits")
        # Slices of the text would cost twice as much: a file has millions of these.
        head, check = divmod(int(digits), 100)
        century = _century(head, check)
        if century is None:
            raise WrongNumber("check digits do not fit")
        day, counter = divmod(head, 1000)
        month, day = divmod(day, 100)
        year, month = divmod(month, 100)
        if month % 20 > 12 or month > BIS_SEX_KNOWN + 12 or day > 31:
            raise WrongNumber("birth date does not exist")
        if not counter and month < BIS_SEX_UNKNOWN:
            raise WrongNumber("day counter 000 is not issued")
        _check_day(century + year, month % 20, day)

    def __repr__(self) -> str:
        return "Ssin(***)"

    __str__ = __repr__

    @classmethod
    def of(cls, number: int) -> Self:
        """Read the number back from the integer form in which stores keep it."""
        return cls(f"{number:011d}")

    @property
    def number(self) -> int:
        """The integer form for stores: as telling as `digits`, and guarded by the same rule."""
        return int(self.digits)

    @property
    def century(self) -> int | None:
        """1900 or 2000, the century whose check digits fit; None: neither. They never both fit."""
        return _century(*divmod(int(self.digits), 100))

    @property
    def is_bis(self) -> bool:
        """True for a number of the BIS register: never a National Register number."""
        return int(self.digits[2:4]) >= BIS_SEX_UNKNOWN

    @property
    def birth_date(self) -> IncompleteDate:
        """The date that the digits tell; month or day is None where the number holds 00."""
        month, day = int(self.digits[2:4]) % 20, int(self.digits[4:6])
        year = (self.century or 0) + int(self.digits[:2])
        return IncompleteDate(year=year, month=month or None, day=(day or None) if month else None)

    @property
    def sex(self) -> Sex | None:
        """Odd day counter: male, even: female; None for a BIS number issued with sex unknown."""
        if BIS_SEX_UNKNOWN <= int(self.digits[2:4]) < BIS_SEX_KNOWN:
            return None
        return "male" if int(self.digits[6:9]) % 2 else "female"


def _century(head: int, check: int) -> int | None:
    if check == MODULUS - head % MODULUS:
        return 1900
    return 2000 if check == MODULUS - (2_000_000_000 + head) % MODULUS else None


def _check_day(year: int, month: int, day: int) -> None:
    if month and day:
        try:
            date(year, month, day)
        except ValueError:
            raise WrongNumber("birth date does not exist") from None


def check_digits(head: int, *, from_2000: bool = False) -> int:
    """Check digits, 1 to 97, of the first nine digits of a person's number."""
    return MODULUS - ((2_000_000_000 if from_2000 else 0) + head) % MODULUS


@dataclass(frozen=True, slots=True, order=True)
class EnterpriseNumber:
    """Number of an enterprise: 10 digits, the first 0 or 1, check = 97 - (first 8 mod 97)."""

    digits: str

    def __post_init__(self) -> None:
        _check_ten(self.digits, first="01")


@dataclass(frozen=True, slots=True, order=True)
class EstablishmentNumber:
    """Number of an establishment unit: 10 digits, the first 2 to 8, checked like an enterprise."""

    digits: str

    def __post_init__(self) -> None:
        _check_ten(self.digits, first="2345678")


def _check_ten(digits: str, *, first: str) -> None:
    if len(digits) != 10 or not digits.isascii() or not digits.isdigit():
        raise WrongNumber("expected 10 digits")
    if digits[0] not in first:
        raise WrongNumber(f"first digit is not one of {first}")
    if int(digits[8:]) != MODULUS - int(digits[:8]) % MODULUS:
        raise WrongNumber("check digits do not fit")


@dataclass(frozen=True, slots=True, order=True)
class NssoNumber:
    """Registration number of an employer at the social security office: 10 digits on the wire.

    Seven digits and two check digits after a leading 0, or 51 for a provisional number
    (CommonV3 schema). The check rule, 96 - (head * 100 mod 97), was derived from published bounds
    and samples of which a quarter do not fit, so only the shape is enforced here and `fits` tells
    the rest.
    """

    digits: str

    def __post_init__(self) -> None:
        if len(self.digits) != 10 or not self.digits.isascii() or not self.digits.isdigit():
            raise WrongNumber("expected 10 digits")
        if self.digits[0] != "0" and self.digits[:2] != "51":
            raise WrongNumber("expected a first digit 0, or 51 for a provisional number")

    @property
    def fits(self) -> bool:
        """True where the check digits follow the derived rule."""
        return int(self.digits[8:]) == nsso_check(int(self.digits[:8]))


def nsso_check(head: int) -> int:
    """Check digits of an employer's number by the derived rule."""
    return 96 - head * 100 % MODULUS


NOBODY: Final = Ssin(f"{NOBODYS_HEAD:09d}{check_digits(NOBODYS_HEAD):02d}")
"""The number in a question about nobody in particular, as a search is.

INVARIANT: nobody has it: day counter 000 is not given out (assumption: nor was it ever to somebody
born in 1900 on a day that is not known). No register knows it, so any other flow refuses it as it
does every number that is unknown.
"""
