"""What the insured person declared, and who handles the file: the beginning of every case."""

from enum import StrEnum

from msgspec import Struct

from kruispunt.vocabulary import Period


class RiskType(StrEnum):
    """The risks of 05/022 §2.1 and §37."""

    INCAPACITY = "incapacity"
    MATERNITY_REST = "maternity-rest"
    MATERNITY_WORK_REMOVAL_FULL = "maternity-work-removal-full"
    MATERNITY_WORK_REMOVAL_PARTIAL = "maternity-work-removal-partial"
    CONVERTED_MATERNITY_LEAVE = "converted-maternity-leave"
    PATERNITY_OR_BIRTH_LEAVE = "paternity-or-birth-leave"
    ADOPTION_LEAVE = "adoption-leave"
    FOSTER_PARENT_LEAVE = "foster-parent-leave"


class Accident(StrEnum):
    """What the insurer marked of an accident at work: the two flags of NG5 (§23)."""

    NONE = "none"
    REFUSED = "refused"
    UNDER_RESERVATION = "under-reservation"


class Enterprise(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An employer or mandatary by its numbers: enterprise number, registration number (§22)."""

    cbe: str | None = None
    nsso: str | None = None

    def meets(self, other: "Enterprise") -> bool:
        """True where a number of one is that of the other."""
        return (self.cbe is not None and self.cbe == other.cbe) or (
            self.nsso is not None and self.nsso == other.nsso
        )

    def contradicts(self, other: "Enterprise") -> bool:
        """True where both have a number of one kind, and not the same."""
        pairs = ((self.cbe, other.cbe), (self.nsso, other.nsso))
        return any(None not in pair and len({*pair}) > 1 for pair in pairs)

    @property
    def code(self) -> str:
        """The enterprise number, or else the registration number."""
        return self.cbe or self.nsso or ""


class Contact(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The file manager at the insurer: R-CONTACT-ONLY, these fields and no others (§7.2, §35).

    R-ART9 (§32-33): an employer learns from them where its worker is insured, which may tell a
    belief. R-ART9-BASIS: allowed by art. 9(2)(b), obligations in social security law.
    """

    last_name: str
    first_name: str
    address: str | None = None
    email: str | None = None
    phone: str | None = None
    mobile: str | None = None
    fax: str | None = None


class Risk(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The risk, and what the insurer knows of it beside (§5(1), §23, §37).

    `employer`: already determined by the insurer, so not looked up (NG1). `mini_dmfa`: DMFA data
    are needed that are not there yet (NG4). `direct`: R-DIRECT-L500. `insurability_only` and
    `card_number` go into the L500 (§37). `language`: of the insured person, for its letters.
    """

    type: RiskType
    period: Period
    employer: Enterprise | None = None
    accident: Accident = Accident.NONE
    mini_dmfa: bool = False
    direct: bool = False
    insurability_only: bool = False
    card_number: str | None = None
    language: str | None = None
