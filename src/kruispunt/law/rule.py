"""A deliberation as a map: its paragraphs, and the names that code and tests give to its rules.

It decides nothing and is not part of a lawbook's digest: pages and tests are written from it.
"""

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from kruispunt.law.faults import Fault, LawWrong
from kruispunt.vocabulary import UNREADABLE, data_folder

Word = Annotated[str, Meta(min_length=1)]


class Paragraph(Struct, forbid_unknown_fields=True, frozen=True):
    """A paragraph of the text; `because`: why nothing in it is software."""

    id: Word
    says: Word
    because: str = ""


class Rule(Struct, forbid_unknown_fields=True, frozen=True):
    """A rule by its name, in one sentence, with the paragraphs that it comes from."""

    id: Word
    paragraphs: Annotated[tuple[Word, ...], Meta(min_length=1)]
    says: Word


class RuleBook(Struct, forbid_unknown_fields=True, frozen=True):
    """The map of one deliberation, paragraphs in the order of the text."""

    deliberation: Word
    paragraphs: tuple[Paragraph, ...]
    rules: tuple[Rule, ...]


def read_rules(folder: Path | None = None) -> tuple[RuleBook, ...]:
    """Read the maps of a law folder; without one, those that came along.

    Raises:
        LawWrong: a map can't be read, or a rule names a paragraph that is not there.
    """
    law = folder or data_folder("law")
    return tuple(_read(path, law) for path in sorted((law / "rules").glob("*.toml")))


def _read(path: Path, law: Path) -> RuleBook:
    name = path.relative_to(law).as_posix()
    try:
        book = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), type=RuleBook)
    except UNREADABLE as wrong:
        raise LawWrong([Fault(name, "$", str(wrong))]) from wrong
    faults = [
        Fault(name, f"$.rules[{number}]", f"no paragraph {paragraph!r}")
        for number, rule in enumerate(book.rules)
        for paragraph in rule.paragraphs
        if paragraph not in {one.id for one in book.paragraphs}
    ]
    if faults:
        raise LawWrong(faults)
    return book
