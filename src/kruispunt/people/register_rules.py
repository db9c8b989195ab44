"""Parameters of what registers, centres for social welfare and insurers hold on people."""

from typing import Annotated

from msgspec import Meta

from kruispunt.people.checked import Age, Checked, Code, Count, Positive, Share


class CivilStates(Checked, frozen=True):
    """Codes of civil states, and how many have which."""

    single: Code
    married: Code
    divorced: Code
    married_share: Share
    """Of couples."""

    divorced_share: Share
    """Of grown people who live without a partner."""

    youngest: Age
    """Nobody married younger."""


class Relations(Checked, frozen=True):
    """Codes of a place in the household."""

    reference: Code
    spouse: Code
    child: Code
    unrelated: Code


class Register(Checked, frozen=True):
    """What the registers say of a person beside name and number."""

    national: Code
    complementary: Code
    """Words for the register that a row is from."""

    citizens: Code
    foreigners: Code
    abroad: Code
    """Codes of sub-registers."""

    moved_share: Share
    most_moves: Annotated[int, Meta(ge=1, le=5)]
    card_prefix: Annotated[str, Meta(pattern=r"^\d{3}$")]
    card_from: Age
    card_years: Count
    social_card_prefix: Annotated[str, Meta(pattern=r"^\d{2}$")]
    social_card_until: Count
    """The last year of birth in which the social card was still made."""

    civil_states: CivilStates
    relations: Relations


class Centre(Checked, frozen=True):
    """A centre and the municipality whose people come to it."""

    code: Code
    municipality: Code


class FileKind(Checked, frozen=True):
    """A kind of file of a centre: its quality, its weight and the median of its days."""

    quality: Annotated[int, Meta(ge=0, le=999)]
    weight: Positive
    days: Positive


class Centres(Checked, frozen=True):
    """Files of centres for social welfare."""

    sector: Annotated[int, Meta(ge=0, le=999)]
    share: Share
    """Of grown people there: had a file in the history."""

    open_share: Share
    """Of those: it is still open."""

    examination_days: Count
    """What is under examination has been so for fewer days."""

    days_spread: Positive
    examination: Annotated[int, Meta(ge=0, le=999)]
    cohabitant: Annotated[int, Meta(ge=0, le=999)]
    kinds: Annotated[tuple[FileKind, ...], Meta(min_length=1)]
    of: Annotated[tuple[Centre, ...], Meta(min_length=1)]


class Insurability(Checked, frozen=True):
    """How people are insured for medical care. Codes: holder code 1, holder code 2."""

    increased_share: Share
    billing_share: Share
    ordinary: tuple[Code, Code]
    increased: tuple[Code, Code]
    insurers: dict[str, Annotated[str, Meta(pattern=r"^\d{3}$")]]
