"""A checkpoint: how many leaves a tree has and what its root is (C2SP tlog-checkpoint)."""

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Final

HASH_BYTES: Final = 32
MAX_TEXT: Final = 4096


class WrongCheckpoint(ValueError):
    """A text that is no checkpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What is signed: the name of the tree, its size, its root. Nothing else is ever in it."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed, each line with its line feed. Frozen."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def read(cls, text: str) -> "Checkpoint":
        """Read the text back; it must be exactly what `text` makes.

        Raises:
            WrongCheckpoint: it is not.
        """
        origin, _, rest = text[:MAX_TEXT].partition("\n")
        size, _, root = rest.partition("\n")
        try:
            found = cls(origin=origin, size=int(size), root=b64decode(root.strip(), validate=True))
        except (ValueError, binascii.Error):
            raise WrongCheckpoint("expected a name, a size and a root, a line each") from None
        if found.text != text or not origin or found.size < 0 or len(found.root) != HASH_BYTES:
            raise WrongCheckpoint("expected a name, a size and a root, a line each")
        return found
