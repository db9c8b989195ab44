"""The holder part of the information sheet, on paper to the insured person (05/022 §5(2))."""

from datetime import date

from kruispunt.circuits.benefits import Contact, SendHolderSheet
from kruispunt.circuits.letters.paper import Paper
from kruispunt.circuits.letters.request import foot_of, letter_facts, sender_lines, spaced
from kruispunt.circuits.letters.words import Wordings
from kruispunt.circuits.sending import Addressee


def print_holder_sheet(
    action: SendHolderSheet,
    *,
    to: Addressee,
    contact: Contact,
    wordings: Wordings,
    on: date,
) -> bytes:
    """R-HOLDER-SHEET: a PDF letter that asks what the insured person alone knows, dated `on`."""
    words = wordings.of(action.language)
    label, says = words.label, words.holder
    reference = str(action.id)
    foot = foot_of(words, action.paragraph, reference)
    paper = Paper(words, title=says.title, foot=foot, on=on)
    paper.head(sender_lines(contact, label), to)
    paper.start(says.title, letter_facts(label, on=on, reference=reference))
    paper.say(says.greeting)
    paper.say(says.opening)
    paper.part(
        words.part.insured,
        (
            (label.name, to.name),
            (label.ssin, spaced(action.person.digits)),
            (label.risk, words.risk[action.risk]),
            (label.period, words.period(action.period)),
        ),
    )
    paper.blanks(words.part.to_fill_in, words.blank.holder, how=says.closing)
    return paper.content()
