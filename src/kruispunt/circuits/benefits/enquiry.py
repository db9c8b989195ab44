"""What a request for a declaration says, field by field: 05/022 §5(5), and nothing else."""

from kruispunt.circuits.benefits.content import Content, Employer, Worker, declaration_type
from kruispunt.circuits.benefits.facts import Facts
from kruispunt.circuits.benefits.risk import Enterprise
from kruispunt.circuits.benefits.turn import Known


def content_of(known: Known, facts: Facts, employer: Enterprise, worker: Worker | None) -> Content:
    """The five parts of §5(5): worker, employer, type, period, contact person (R-CONTACT, §32).

    Without a personnel file the worker is its number alone, as in the original request (§28).
    """
    owner = next((one for one in facts.owners if one.employer.meets(employer)), None)
    return Content(
        worker=worker or Worker(ssin=known.person.digits),
        employer=Employer(
            cbe_number=employer.cbe or (owner.employer.cbe if owner else None),
            nsso_number=employer.nsso or (owner.employer.nsso if owner else None),
            denomination=owner.denomination if owner else None,
        ),
        declaration_type=declaration_type(known.risk),
        risk_period=known.risk.period,
        contact_person=known.contact,
    )
