"""What a trail says of content that is gone for good, because the law keeps it no longer."""

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import date
from typing import Final

HEADING: Final = "kruispunt/trail-expired/v1"
DIGEST_BYTES: Final = 32
MAX_TEXT: Final = 1024


class WrongExpired(ValueError):
    """A text that says nothing of expiry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """So many leaves have no content any more: those recorded in months before `before`.

    All of them stand before `position`. Leaves and places stay; a leaf that is none of those that
    `digest` is made over must have its content.
    """

    origin: str
    position: int
    before: date
    """The first day of a month."""

    leaves: int
    digest: bytes
    """SHA-256 over the leaves in order of position: position (8 bytes), kind (1), entry (16)."""

    @property
    def text(self) -> str:
        """The text that is signed, each line with its line feed. Frozen."""
        digest = b64encode(self.digest).decode()
        told = f"{self.position}\n{self.before:%Y-%m}\n{self.leaves}\n{digest}\n"
        return f"{HEADING}\n{self.origin}\n{told}"

    @classmethod
    def read(cls, text: str) -> "Expired":
        """Read the text back; it must be exactly what `text` makes.

        Raises:
            WrongExpired: it is not.
        """
        lines = text[:MAX_TEXT].split("\n")
        try:
            _, origin, position, before, leaves, digest, _ = lines
            found = cls(
                origin=origin,
                position=int(position),
                before=date.fromisoformat(f"{before}-01"),
                leaves=int(leaves),
                digest=b64decode(digest, validate=True),
            )
        except (ValueError, binascii.Error):
            raise WrongExpired(_EXPECTED) from None
        if found.text != text or not origin or len(found.digest) != DIGEST_BYTES:
            raise WrongExpired(_EXPECTED)
        if not 0 <= found.leaves <= found.position:
            raise WrongExpired(_EXPECTED)
        return found


_EXPECTED: Final = "expected a heading, a name, a position, a month, a number and a digest"
