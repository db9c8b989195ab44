"""The two results of a decision, and the closed list of reasons to refuse."""

from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct

from kruispunt.vocabulary.dates import Period
from kruispunt.vocabulary.names import ClauseId, FieldName
from kruispunt.vocabulary.numbers import Ssin


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A field of the flow that the ground does not give, and why."""

    field: FieldName
    reason: str
    paragraph: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Why an answer may leave: a clause of a deliberation, and what it gives and withholds."""

    clause: ClauseId
    deliberation: str
    paragraph: str
    fields: tuple[FieldName, ...]
    withheld: tuple[Withheld, ...] = ()


class Reason(StrEnum):
    """Why a question is refused, exactly. What a consumer is told of it is `Reason.told`.

    The order is the order of controls that the network documents: may the consumer use the flow,
    is the message valid, integration of the consumer, the number, integration of the supplier.
    """

    NO_CLAUSE = "no-clause"
    """No clause of any time gives this consumer this flow for this purpose."""

    NOT_YET_IN_FORCE = "not-yet-in-force"
    NO_LONGER_IN_FORCE = "no-longer-in-force"

    NO_FILE = "no-file"
    """The consumer's own integration control failed; also what every reason about a person that
    may not be told collapses into."""

    NUMBER_UNKNOWN = "number-unknown"
    """In no register. Told as `no-file`."""

    NUMBER_REPLACED = "number-replaced"
    NUMBER_CANCELLED = "number-cancelled"
    DECEASED_BEFORE = "deceased-before"
    """The person died before the period asked about begins."""

    NO_FILE_AT_SUPPLIER = "no-file-at-supplier"
    """The supplier's integration control failed. At the door: an empty answer, as "no data"."""

    @property
    def told(self) -> "Reason | None":
        """What the consumer hears; None: it hears no refusal at all but an empty answer."""
        match self:
            case Reason.NUMBER_UNKNOWN:
                return Reason.NO_FILE
            case Reason.NO_FILE_AT_SUPPLIER:
                return None
            case _:
                return self


class Grant(Struct, frozen=True, kw_only=True):
    """Leave to ask the source, for exactly the ground's fields. Only `decide` makes one.

    `about` is what the consumer's file covers of the period asked about; None: all of it.
    """

    ground: Ground
    about: Period | None = None

    @property
    def fields(self) -> tuple[FieldName, ...]:
        return self.ground.fields

    @property
    def withheld(self) -> tuple[Withheld, ...]:
        return self.ground.withheld


class Refusal(Struct, frozen=True, kw_only=True):
    """No leave. `ground` is the clause whose control failed, None where no clause was found.

    `about` is that of the grant which the supplier's control prevented: it reads like one.
    """

    reason: Reason
    ground: Ground | None = None
    successor: Ssin | None = None
    about: Period | None = None


Decision = Grant | Refusal
