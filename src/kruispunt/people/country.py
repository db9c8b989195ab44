"""The country's folder: parameters and lists, read once and checked at the door."""

from csv import DictReader
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import polars as pl
from msgspec import Meta

from kruispunt.people.checked import Checked, Code, Count, Share, Weight
from kruispunt.people.parameters import Parameters
from kruispunt.vocabulary import UNREADABLE, data_folder


class ParametersWrong(ValueError):
    """A file of the country that cannot be read as agreed: says which file and where in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """The synthetic country: its parameters and its lists, checked."""

    parameters: Parameters
    municipalities: pl.DataFrame
    nationalities: pl.DataFrame
    activities: pl.DataFrame
    names: pl.DataFrame
    streets: pl.DataFrame
    mandataries: pl.DataFrame


class Municipality(Checked, frozen=True):
    """A row of `municipalities.csv`."""

    nis_code: Code
    name_nl: str
    name_fr: str
    region: Code
    inhabitants: Count


class Nationality(Checked, frozen=True):
    """A row of `nationalities.csv`. `names`: set of names, "own" for that of the language."""

    nis_code: Code
    name_en: str
    weight: Weight
    names: Code


class Activity(Checked, frozen=True):
    """A row of `activities.csv`: what an employer does. `region` empty: anywhere."""

    nace: Code
    name_en: str
    region: str
    weight: Weight
    joint_committee_manual: Code
    joint_committee_clerical: Code
    employer_category_code: Code
    reference_hours: Annotated[float, Meta(gt=0, le=99)]
    manual_share: Share
    part_time_share: Share
    worker_type_manual: Code


class Name(Checked, frozen=True):
    """A row of `names.csv`; `kind` is male, female or surname."""

    set: Code
    kind: Annotated[str, Meta(pattern="^(male|female|surname)$")]
    name: str
    weight: Weight


class Street(Checked, frozen=True):
    """A row of `streets.csv`: a name that streets of the language have."""

    language: Code
    name: str


class Mandatary(Checked, frozen=True):
    """A row of `mandataries.csv`: who acts for employers, and what it chose in the routing."""

    name: str
    capacity: Annotated[str, Meta(pattern="^(SOCIAL_SECRETARIAT|OTHER_PROVIDER)$")]
    language: Code
    weight: Weight
    channel: Annotated[str, Meta(pattern="^(ELECTRONIC|PAPER)$")]
    request_scope: Annotated[str, Meta(pattern="^(ALL|NON_GENERIC_ONLY)$")]


R = TypeVar("R", bound=Checked)


def read_country(folder: Path | None = None) -> Country:
    """Read the country's folder, by default the one that travels with the program.

    Raises:
        ParametersWrong: a file is missing or wrong; the message names the file and the place.
    """
    folder = folder or data_folder("country")
    country = Country(
        parameters=_read_parameters(folder / "people.toml"),
        municipalities=_read_rows(folder / "municipalities.csv", Municipality),
        nationalities=_read_rows(folder / "nationalities.csv", Nationality),
        activities=_read_rows(folder / "activities.csv", Activity),
        names=_read_rows(folder / "names.csv", Name),
        streets=_read_rows(folder / "streets.csv", Street),
        mandataries=_read_rows(folder / "mandataries.csv", Mandatary),
    )
    _check_references(country)
    return country


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ParametersWrong(f"{path.name}: expected this file in the country's folder") from None


def _read_parameters(path: Path) -> Parameters:
    try:
        return msgspec.toml.decode(_read_bytes(path), type=Parameters)
    except UNREADABLE as wrong:
        raise ParametersWrong(f"{path.name}: {wrong}") from None


def _read_rows(path: Path, row: type[R]) -> pl.DataFrame:
    """Every cell is text until msgspec has checked it, so codes keep their zeros."""
    cells = list(DictReader(_read_bytes(path).decode().splitlines()))
    rows = [_row(path, n, cell, row) for n, cell in enumerate(cells, start=2)]
    if not rows:
        raise ParametersWrong(f"{path.name}: expected at least one row")
    return pl.DataFrame([msgspec.structs.asdict(r) for r in rows])


def _row(path: Path, line: int, cell: dict[str, str], row: type[R]) -> R:
    try:
        return msgspec.convert(cell, row, strict=False)
    except msgspec.ValidationError as wrong:
        raise ParametersWrong(f"{path.name}: line {line}: {wrong}") from None


def _check_references(country: Country) -> None:
    """What one file says by name must exist in the other."""
    parameters = country.parameters
    regions = set(parameters.regions)
    languages = {c.code for r in parameters.regions.values() for c in r.languages}
    sets = set(country.names["set"])
    own = set(country.nationalities["names"]) - {"own"}
    _require("municipalities.csv", "region", set(country.municipalities["region"]) - regions)
    _require("activities.csv", "region", set(country.activities["region"]) - regions - {""})
    _require("names.csv", "set", (languages | own) - sets)
    _require("streets.csv", "language", languages - set(country.streets["language"]))
    _require("mandataries.csv", "language", languages - set(country.mandataries["language"]))
    forms = parameters.employer_directory.forms
    _require("people.toml", "employer_directory.forms", languages - set(forms))
    for n, insurer in enumerate(parameters.insurers):
        _require("people.toml", f"insurers[{n}].weights", languages - set(insurer.weights))
    kinds = {(kind.adults, kind.children) for kind in parameters.households.kinds}
    if (1, False) not in kinds or not any(children for _, children in kinds):
        raise ParametersWrong(
            "people.toml: $.households.kinds: expected a kind with children, and one of one adult"
        )


def _require(file: str, path: str, missing: set[str]) -> None:
    if missing:
        raise ParametersWrong(f"{file}: $.{path}: not known there: {', '.join(sorted(missing))}")
