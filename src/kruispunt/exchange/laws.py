"""The law of today and of every day before, by digest, as one seat decides it."""

from dataclasses import dataclass, field
from pathlib import Path

from kruispunt.law import Jurisdiction, find_lawbook
from kruispunt.vocabulary import LawDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLaws:
    """Lawbooks by digest: the current one in memory, older ones read once from their folder."""

    now: Jurisdiction
    folder: Path
    known: dict[LawDigest, Jurisdiction] = field(default_factory=dict[LawDigest, Jurisdiction])

    def of(self, digest: LawDigest) -> Jurisdiction:
        """The law under which something was decided.

        Raises:
            FileNotFoundError: no lawbook of that digest is kept here.
        """
        if digest == self.now.lawbook.digest:
            return self.now
        if digest not in self.known:
            lawbook = find_lawbook(digest, self.folder)
            self.known[digest] = lawbook.jurisdiction(self.now.seat)
        return self.known[digest]
