"""What a request for a declaration says: the fields of 05/022 §5(5), §28, §35, and no others."""

from msgspec import Struct

from kruispunt.circuits.benefits.risk import Contact, Risk, RiskType
from kruispunt.vocabulary import Period


class Worker(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Identification of the worker: the fields of §28. R-ENRICH (§28, §30): known fields are
    filled in, so that the declarant does not type them again.
    """

    ssin: str
    last_name: str | None = None
    first_name: str | None = None
    second_name_initial: str | None = None
    birth_date: str | None = None
    birth_municipality: str | None = None
    birth_country: str | None = None
    sex: str | None = None
    nationality: str | None = None
    employment_status_at_risk: str | None = None
    service_end_date: str | None = None


class Employer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Identification of the employer, as far as it is available (§5(5), §31)."""

    cbe_number: str | None = None
    nsso_number: str | None = None
    denomination: str | None = None


class DeclarationType(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The declaration that is expected. R-MINI-DMFA (§23): with a Mini-DMFA where the data of
    DMFA are not there yet.
    """

    risk: RiskType
    mini_dmfa: bool = False


class Content(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """R-ELEC (§5(5)): what the request says. R-CONTACT (§32): with the file manager."""

    worker: Worker
    declaration_type: DeclarationType
    risk_period: Period
    contact_person: Contact
    employer: Employer | None = None


class Prefilled(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """R-ENRICH (§25-26): what is known of the destination itself, filled in for it alone."""

    contact_person_id: str | None = None
    mobile_number: str | None = None
    phone_number: str | None = None
    fax_number: str | None = None
    email: str | None = None
    capacity: str | None = None
    channel_type: str | None = None
    local_manager_id: str | None = None
    cbe_number: str | None = None
    enterprise_language: str | None = None


class Address(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a request goes: `mailbox` (an enterprise number) and `email`, or a postal address.

    Without either: the insured person's own address, which its insurer has.
    """

    mailbox: str | None = None
    email: str | None = None
    name: str | None = None
    postal: str | None = None


def declaration_type(risk: Risk) -> DeclarationType:
    """The declaration that a risk asks for."""
    return DeclarationType(risk=risk.type, mini_dmfa=risk.mini_dmfa)
