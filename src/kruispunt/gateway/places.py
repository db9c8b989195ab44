"""Places for replies that take long: so many at once, and whoever comes then is told to return."""

from dataclasses import dataclass

from kruispunt.vocabulary import Unavailable


@dataclass(slots=True, kw_only=True)
class Places:
    """So many places. `words` are told to who finds none."""

    most: int
    words: str
    retry_after_s: int = 5
    taken: int = 0

    def take(self) -> "Place":
        """A place, until it is left.

        Raises:
            Unavailable: there is none; nothing was done.
        """
        if self.taken >= self.most:
            raise Unavailable(self.words, retry_after_s=self.retry_after_s)
        self.taken += 1
        return Place(self)


@dataclass(slots=True)
class Place:
    """One place; leaving it twice leaves it once."""

    of: Places
    is_left: bool = False

    def leave(self) -> None:
        """Another may have it."""
        if not self.is_left:
            self.is_left = True
            self.of.taken -= 1
