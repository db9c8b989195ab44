"""The words of letters in each language, read from the law folder; a missing word fails."""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec
from msgspec import Struct

from kruispunt.circuits.benefits import RiskType
from kruispunt.vocabulary import UNREADABLE, Period, data_folder

COUNTRIES: Final = "codes/countries.csv"


class WordsWrong(ValueError):
    """The words of the letters are not fit to print: says in which file, and where."""


class RequestWords(Struct, forbid_unknown_fields=True, frozen=True):
    """What the request for a declaration says around its fields."""

    title: str
    reminder: str
    greeting: str
    opening: str
    opening_insured: str
    mini_dmfa: str
    closing: str
    closing_insured: str


class HolderWords(Struct, forbid_unknown_fields=True, frozen=True):
    """What the holder sheet says around its fields."""

    title: str
    greeting: str
    opening: str
    closing: str


class PartWords(Struct, forbid_unknown_fields=True, frozen=True):
    """Headings of the parts of a sheet."""

    worker: str
    employer: str
    declaration: str
    destination: str
    insured: str
    to_fill_in: str


class LabelWords(Struct, forbid_unknown_fields=True, frozen=True):
    """What stands before a field."""

    date: str
    reference: str
    contact: str
    phone: str
    mobile: str
    fax: str
    ssin: str
    name: str
    birth: str
    sex: str
    nationality: str
    status: str
    service_end_date: str
    cbe_number: str
    nsso_number: str
    denomination: str
    risk: str
    period: str
    contact_person_id: str
    capacity: str
    channel_type: str
    local_manager_id: str
    email: str
    page: str
    from_on: str
    from_to: str
    ground: str


class BlankWords(Struct, forbid_unknown_fields=True, frozen=True):
    """What is left to fill in by hand."""

    employer: tuple[str, ...]
    holder: tuple[str, ...]


class Wording(Struct, forbid_unknown_fields=True, frozen=True):
    """All words of one language."""

    language: str
    request: RequestWords
    holder: HolderWords
    part: PartWords
    label: LabelWords
    blank: BlankWords
    risk: dict[RiskType, str]
    code: dict[str, str]
    default: bool = False

    def period(self, period: Period) -> str:
        """A period with its first and last day, or with its first day alone."""
        begin = f"{period.begin:%d/%m/%Y}"
        if period.last_day is None:
            return self.label.from_on.format(begin=begin)
        return self.label.from_to.format(begin=begin, last=f"{period.last_day:%d/%m/%Y}")

    def decode(self, code: str | None) -> str | None:
        """The word for a code; a code that has none is printed as it is."""
        return None if code is None else self.code.get(code, code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wordings:
    """The words of every language that letters are written in, and the names of countries."""

    by_language: Mapping[str, Wording]
    countries: Mapping[tuple[str, str], str]

    def of(self, language: str | None) -> Wording:
        """The words of a language, by its code in any case; an unknown one has the default's."""
        found = self.by_language.get((language or "").lower())
        return found or next(one for one in self.by_language.values() if one.default)

    def country(self, code: str | None, words: Wording) -> str | None:
        """The name of a country; a code that has none is printed as it is."""
        return None if code is None else self.countries.get((words.language, code), code)


def read_wordings(folder: Path | None = None) -> Wordings:
    """Read the words from a law folder; without one, those that came along.

    Raises:
        WordsWrong: a file lacks a word, has one too many, or no language is the default.
    """
    law = folder or data_folder("law")
    found = [_wording(path) for path in sorted((law / "letters").glob("*.toml"))]
    if sum(one.default for one in found) != 1:
        raise WordsWrong("letters: expected one default language")
    return Wordings(
        by_language=MappingProxyType({one.language: one for one in found}),
        countries=MappingProxyType(_countries(law / COUNTRIES)),
    )


def _wording(path: Path) -> Wording:
    try:
        words = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), type=Wording)
    except UNREADABLE as wrong:
        raise WordsWrong(f"letters/{path.name}: {wrong}") from wrong
    missing = [risk.value for risk in RiskType if risk not in words.risk]
    if missing:
        raise WordsWrong(f"letters/{path.name}: no words for {', '.join(missing)}")
    return words


def _countries(path: Path) -> dict[tuple[str, str], str]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {
            (column.removeprefix("name_"), row["nis_code"]): name
            for row in csv.DictReader(lines)
            for column, name in row.items()
            if column.startswith("name_")
        }
