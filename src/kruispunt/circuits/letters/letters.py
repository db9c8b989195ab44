"""What prints the letters of a circuit, in the words of each language."""

from dataclasses import dataclass
from datetime import date

from kruispunt.circuits.benefits import Contact, SendHolderSheet, SendRequest
from kruispunt.circuits.letters.holder import print_holder_sheet
from kruispunt.circuits.letters.request import print_request
from kruispunt.circuits.letters.words import Wordings
from kruispunt.circuits.sending import Addressee


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """The printer of `OnPaper`."""

    wordings: Wordings

    def request(self, task: SendRequest, /, *, to: Addressee | None, on: date) -> bytes:
        """As `Printer.request`."""
        return print_request(task, to=to, wordings=self.wordings, on=on)

    def holder_sheet(
        self, task: SendHolderSheet, /, *, to: Addressee, contact: Contact, on: date
    ) -> bytes:
        """As `Printer.holder_sheet`."""
        return print_holder_sheet(task, to=to, contact=contact, wordings=self.wordings, on=on)
