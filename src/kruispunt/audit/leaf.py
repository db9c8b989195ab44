"""What stands in a leaf, of whichever kind it is."""

from kruispunt.audit.change import Change, read_change
from kruispunt.audit.encoding import read_entry, read_outcome
from kruispunt.audit.form import ChangeForm, EntryForm, OutcomeForm, ReadingForm, decode
from kruispunt.audit.reading import Reading, read_reading
from kruispunt.vocabulary import Entry, Outcome


def read_leaf(data: bytes) -> Entry | Outcome | Reading | Change:
    """Read back what the leaf was made over.

    Raises:
        WrongForm: these bytes are of no kind that this program knows.
    """
    match decode(data):
        case EntryForm() as form:
            return read_entry(form)
        case OutcomeForm() as form:
            return read_outcome(form)
        case ReadingForm() as form:
            return read_reading(form)
        case ChangeForm() as form:
            return read_change(form)
