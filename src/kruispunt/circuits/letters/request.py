"""The request for a declaration (ASR) on paper, to an employer, a mandatary or the insured person.

05/022 §5(4): R-PAPER, and R-PAPER-FALLBACK where the employer's address is missing or wrong.
"""

from collections.abc import Iterator
from datetime import date

from kruispunt.circuits.benefits import (
    Contact,
    Employer,
    Medium,
    Prefilled,
    SendRequest,
    Worker,
)
from kruispunt.circuits.letters.paper import Field, Paper
from kruispunt.circuits.letters.words import LabelWords, Wording, Wordings
from kruispunt.circuits.sending import Addressee


def print_request(
    action: SendRequest, *, to: Addressee | None, wordings: Wordings, on: date
) -> bytes:
    """A PDF letter with every known field filled in (R-ENRICH), dated `on`.

    `to` is the insured person's own address, which only its insurer has; None: the letter goes to
    the address that the action names. What is known of a destination (§26) is for it alone.

    Raises:
        ValueError: there is no address at all, or the request is not to go on paper.
    """
    if action.medium is Medium.ELECTRONIC:
        raise ValueError("expected a request on paper, found an electronic one")
    insured = action.medium is Medium.PAPER_INSURED
    words, content = wordings.of(action.language), action.content
    says = words.request
    title = says.reminder if action.reminder else says.title
    reference = str(action.request)
    paper = Paper(words, title=title, foot=foot_of(words, action.paragraph, reference), on=on)
    paper.head(sender_lines(content.contact_person, words.label), to or _address(action))
    paper.start(title, letter_facts(words.label, on=on, reference=reference))
    paper.say(says.greeting)
    paper.say(says.opening_insured if insured else says.opening)
    if content.declaration_type.mini_dmfa:
        paper.say(says.mini_dmfa)
    paper.part(words.part.worker, _worker(content.worker, wordings, words))
    if content.employer:
        paper.part(words.part.employer, _employer(content.employer, words.label))
    paper.part(
        words.part.declaration,
        (
            (words.label.risk, words.risk[content.declaration_type.risk]),
            (words.label.period, words.period(content.risk_period)),
        ),
    )
    if action.prefilled and not insured:
        paper.part(words.part.destination, _destination(action.prefilled, words))
    closing = says.closing_insured if insured else says.closing
    paper.blanks(words.part.to_fill_in, words.blank.employer, how=closing)
    return paper.content()


def sender_lines(contact: Contact, label: LabelWords) -> list[str]:
    """R-CONTACT-ONLY (§35): name and address of the file manager and how to reach it; no more."""
    reached = (
        (label.phone, contact.phone),
        (label.mobile, contact.mobile),
        (label.fax, contact.fax),
    )
    return [
        f"{label.contact}: {contact.first_name} {contact.last_name}",
        *(contact.address.split(", ") if contact.address else ()),
        *(f"{how} {number}" for how, number in reached if number),
        *((contact.email,) if contact.email else ()),
    ]


def letter_facts(label: LabelWords, *, on: date, reference: str) -> tuple[Field, ...]:
    """What a letter says of itself."""
    return (label.date, f"{on:%d/%m/%Y}"), (label.reference, reference)


def foot_of(words: Wording, paragraph: str, reference: str) -> str:
    """What stands at the foot of every page: the ground, and the reference if pages part."""
    return f"{words.label.ground.format(ground=paragraph)} · {reference}"


def day(text: str | None) -> str | None:
    """A day of the wire as people write it; what is not a whole day stays as it is."""
    parts = (text or "").split("-")
    return "/".join(reversed(parts)) if len(parts) == 3 else text


def spaced(ssin: str) -> str:
    """A person's number in the groups in which people read it."""
    return f"{ssin[:2]}.{ssin[2:4]}.{ssin[4:6]}-{ssin[6:9]}.{ssin[9:]}"


def _address(action: SendRequest) -> Addressee:
    if not action.to.postal:
        raise ValueError("no postal address to send the request to")
    return Addressee(name=action.to.name or "", lines=tuple(action.to.postal.split(", ")))


def _worker(worker: Worker, wordings: Wordings, words: Wording) -> Iterator[Field]:
    label = words.label
    initial = f"{worker.second_name_initial}." if worker.second_name_initial else None
    given = " ".join(filter(None, (worker.first_name, initial)))
    born_in = wordings.country(worker.birth_country, words)
    places = [place for place in (worker.birth_municipality, born_in) if place]
    born = ", ".join(filter(None, (day(worker.birth_date), " – ".join(places))))
    yield label.ssin, spaced(worker.ssin)
    yield label.name, ", ".join(filter(None, (worker.last_name, given)))
    yield label.birth, born
    yield label.sex, words.decode(worker.sex)
    yield label.nationality, wordings.country(worker.nationality, words)
    yield label.status, words.decode(worker.employment_status_at_risk)
    yield label.service_end_date, day(worker.service_end_date)


def _employer(employer: Employer, label: LabelWords) -> Iterator[Field]:
    yield label.denomination, employer.denomination
    yield label.cbe_number, employer.cbe_number
    yield label.nsso_number, employer.nsso_number


def _destination(known: Prefilled, words: Wording) -> Iterator[Field]:
    label = words.label
    yield label.cbe_number, known.cbe_number
    yield label.capacity, words.decode(known.capacity)
    yield label.contact_person_id, known.contact_person_id
    yield label.local_manager_id, known.local_manager_id
    yield label.channel_type, words.decode(known.channel_type)
    yield label.phone, known.phone_number
    yield label.mobile, known.mobile_number
    yield label.fax, known.fax_number
    yield label.email, known.email
