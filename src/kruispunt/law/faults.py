"""What is wrong with the law as written: every fault at once, each with its file and its place."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong: `file` under the law folder, `path` in it (`$.clauses[0]`, or `line 7`)."""

    file: str
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.path}: {self.message}"


class LawWrong(Exception):
    """The lawbook is not fit to run: nothing starts until every line of this is mended."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(map(str, self.faults)))
