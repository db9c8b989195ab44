"""What a trail says of content that is gone for good, because the law keeps it no longer."""

from dataclasses import dataclass
from datetime import date
from typing import Final

HEADING: Final = "kruispunt/trail-expired/v1"
MAX_TEXT: Final = 1024


class WrongExpired(ValueError):
    """A text that says nothing of expiry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """All that was recorded in months before `before` is gone; all of it stood before `position`.

    The leaves and their places stay. What stands before `position` and is younger must be there.
    """

    origin: str
    position: int
    before: date
    """The first day of a month."""

    @property
    def text(self) -> str:
        """The text that is signed, each line with its line feed. Frozen."""
        return f"{HEADING}\n{self.origin}\n{self.position}\n{self.before:%Y-%m}\n"

    @classmethod
    def read(cls, text: str) -> "Expired":
        """Read the text back; it must be exactly what `text` makes.

        Raises:
            WrongExpired: it is not.
        """
        lines = text[:MAX_TEXT].split("\n")
        try:
            _, origin, position, before, _ = lines
            found = cls(
                origin=origin,
                position=int(position),
                before=date.fromisoformat(f"{before}-01"),
            )
        except ValueError:
            raise WrongExpired("expected a heading, a name, a position and a month") from None
        if found.text != text or not origin or found.position < 0:
            raise WrongExpired("expected a heading, a name, a position and a month")
        return found

    def covers(self, position: int, *, month: date) -> bool:
        """True where what was recorded in that month at that place may be gone."""
        return position < self.position and month < self.before
