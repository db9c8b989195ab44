"""The law as types: what a lawbook holds once it has been read and checked. Immutable."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kruispunt.vocabulary import (
    ClauseId,
    Details,
    FieldName,
    FlowId,
    Ground,
    InstitutionCode,
    Period,
    PurposeId,
    Quality,
    Sector,
    SourceId,
)

Terms = Mapping[str, str]
"""The same words by language: `nl` and `en` always, `fr` and `de` where the sources have them."""


class NetworkKind(StrEnum):
    """Where an institution stands: the hub itself, linked to it, behind a node, or outside."""

    INTEGRATOR = "integrator"
    PRIMARY = "primary"
    SECONDARY = "secondary"
    REGION_COMMUNITY = "region_community"
    OUTSIDE = "outside"
    OVERSIGHT = "oversight"


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution:
    """A body of the network. `node` is the institution whose secondary network it belongs to."""

    code: InstitutionCode
    names: Terms
    kind: NetworkKind
    node: InstitutionCode | None
    roles: frozenset[str]
    sectors: tuple[Sector, ...]
    active: bool


class Sensitivity(StrEnum):
    """How much a field tells of a person; `*_ART9` is special data under GDPR art. 9."""

    NONE = "none"
    ID = "id"
    CONTACT = "contact"
    FINANCIAL = "financial"
    FAMILY = "family"
    SOCIAL = "social"
    HEALTH_ART9 = "health_art9"
    BELIEF_ART9 = "belief_art9"
    MEMBERSHIP_ART9 = "membership_art9"


class ValueType(StrEnum):
    """The type of a field's value on the wire and in checks."""

    STR = "str"
    CODE = "code"
    BOOL = "bool"
    INT = "int"
    DECIMAL = "decimal"
    DATE = "date"
    INCOMPLETE_DATE = "incomplete_date"
    EUR = "eur"
    SSIN = "ssin"
    OTHER_SSIN = "other_ssin"
    """The number of another person than the one asked about, whom the row tells of."""

    CBE = "cbe"
    NSSO = "nsso"
    QUARTER = "quarter"
    GROUP = "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a source. `required`: never null in a row."""

    name: FieldName
    terms: Terms
    type: ValueType
    sensitivity: Sensitivity
    required: bool
    paragraph: str
    max_length: int
    digits: tuple[int, int] | None
    """For decimals and amounts: total digits and digits behind the point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An authentic source: who answers for which fields, and who checks and corrects them."""

    id: SourceId
    owner: InstitutionCode
    co_owners: tuple[InstitutionCode, ...]
    names: Terms
    legal_basis: str
    fields: Mapping[FieldName, Field]


class PeriodRule(StrEnum):
    """Which lines an integration control counts (IC-4)."""

    NOW = "NOW"
    """The line covers the day of asking."""

    OVERLAP = "OVERLAP"
    """The line shares a day with the period asked about."""

    EVER = "EVER"
    """Any line, whenever."""


class Side(StrEnum):
    """Whose lines a control looks at."""

    CONSUMER = "consumer"
    SUPPLIER = "supplier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Integration control: one of these lines must stand, before the exchange (IC-1 to IC-4)."""

    side: Side
    sector: Sector
    qualities: frozenset[Quality]
    rule: PeriodRule
    paragraph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A parameterised question to the directory itself: does such a line stand? One boolean."""

    field: FieldName
    sector: Sector
    qualities: frozenset[Quality]
    rule: PeriodRule
    paragraph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineKind:
    """Lines of a sector in some of its qualities, as a flow shows or a clause integrates them.

    `max_months`: a line that is brought lasts no longer; None: as long as its file is open.
    """

    sector: Sector
    qualities: frozenset[Quality]
    paragraph: str
    max_months: int | None = None


class Supply(StrEnum):
    """Who answers a flow."""

    STATION = "station"
    """The station of the source's owner."""

    DIRECTORY = "directory"
    """The hub's own reference directory, by the flow's checks or the lines that it shows."""

    BY_DIRECTORY = "by_directory"
    """The sources whose lines cover the person. Answers come later, in parts."""

    FILE = "file"
    """The supplier, unasked: one file about all whom it concerns, sent once."""

    SEARCH = "search"
    """The hub's own registers, asked for whoever words describe: about nobody in particular."""

    INTEGRATION = "integration"
    """The directory that takes the line in, or out: no look at anyone's data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of a flow: rows in an answer, seconds for the supplier, days asked about."""

    max_rows: int
    timeout_s: float
    max_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """What a question of a flow may tell its supplier beside the person and the period.

    `values`: for a code, those that there are. `required_for`: purposes for which it must be told,
    and no other tells it. Nothing is decided by it; `only`: of what is granted, these fields alone
    where it says true. `begins`: it is the first day of the period that the consumer asks about.
    """

    name: str
    type: ValueType
    values: tuple[str, ...]
    required: bool
    paragraph: str
    required_for: tuple[PurposeId, ...] = ()
    begins: bool = False
    only: tuple[FieldName, ...] = ()

    @property
    def said(self) -> str:
        """Which values fit, in words."""
        match self.type:
            case ValueType.CODE:
                return f"expected one of {', '.join(self.values)}"
            case ValueType.BOOL:
                return "expected true or false"
            case ValueType.DATE:
                return "expected a day as 2026-01-31"
            case _:
                return "expected a text"

    def fits(self, value: str) -> bool:
        """True where a question may say this."""
        match self.type:
            case ValueType.CODE:
                return value in self.values
            case ValueType.BOOL:
                return value in ("true", "false")
            case ValueType.DATE:
                return _is_day(value)
            case _:
                return bool(value)


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value  # not a week of the year
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One kind of message: question, supplier, answer fields in order, limits.

    `about`: the day that a one-time file is about; of any other flow the question says it.
    `shows`: the lines that the directory gives as rows, where it does not answer by checks.
    """

    id: FlowId
    titles: Terms
    source: SourceId
    supply: Supply
    supplier: InstitutionCode
    fields: tuple[Field, ...]
    checks: tuple[Check, ...]
    limits: Limits
    paragraph: str
    details: tuple[Detail, ...] = ()
    about: date | None = None
    shows: tuple[LineKind, ...] = ()

    def only(self, details: Details) -> tuple[FieldName, ...] | None:
        """The fields that alone a question with these details asks; None: all that is granted."""
        said = {name for name, value in details if value == "true"}
        only = [set(one.only) for one in self.details if one.only and one.name in said]
        if not only:
            return None
        first, *others = only
        return tuple(sorted(first.intersection(*others)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """A finality: what a question may be asked for. `legal_contexts`: its names on the wire."""

    id: PurposeId
    titles: Terms
    paragraph: str
    legal_contexts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One leave given by a deliberation, from a day to a day, under its controls.

    `members`: roles of the institutions behind the consumer's node for which the clause is meant,
    empty where the consumer asks for itself. `period` is half-open in days of asking.
    `integrates`: the lines that its consumer may bring into the directory, and take out.
    """

    id: ClauseId
    ground: Ground
    consumer: InstitutionCode
    members: frozenset[str]
    flow: FlowId
    purpose: PurposeId
    controls: tuple[Control, ...]
    period: Period
    assumption: str
    integrates: tuple[LineKind, ...] = ()

    def in_force(self, asked_on: date) -> bool:
        """True where the clause may be used on that day of asking."""
        return asked_on in self.period


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliberation:
    """A decision of the Committee: its clauses, and when it was taken and changed."""

    id: str
    titles: Terms
    reference: str
    decided_on: tuple[date, ...]
    in_force: tuple[date, ...]
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectorName:
    """A sector of the network, from the code list."""

    sector: Sector
    names: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityName:
    """A quality code of a sector, from the code list; sector None: common to all sectors."""

    sector: Sector | None
    quality: Quality
    names: Terms


class Reads(StrEnum):
    """How much of a trail someone may read."""

    PERSON = "person"
    """Entries about the person who is named."""

    INSTITUTION = "institution"
    """Entries of the reader's own questions, with the reasons that it was told."""

    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailReader:
    """Who may read the trail: a role of a user, and roles of institutions that may vouch for it.

    `institutions` empty: every active institution may.
    """

    role: str
    reads: Reads
    institutions: frozenset[str]
    paragraph: str
    assumption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """Looks that are kept from the person they are about, who is told how many and why.

    A look is one where its consumer has one of these roles, or where a clause gave leave for one
    of these purposes.
    """

    id: str
    titles: Terms
    institutions: frozenset[str]
    purposes: frozenset[PurposeId]
    paragraph: str
    assumption: str
