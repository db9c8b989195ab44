"""The law cites its paragraphs, and lists everything in it that is an assumption."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from tests.tidy.house import ROOT

LAW: Final = ROOT / "law"
README: Final = LAW / "README.md"
STATES_LAW: Final = frozenset({"clauses", "controls", "checks", "withheld", "purposes"})
Found = tuple[str, str, dict[str, Any]]


def law_files() -> dict[str, str]:
    """Every file of the lawbook that people edit, by its path in `law/`."""
    paths = [*LAW.rglob("*.toml"), *LAW.rglob("*.csv")]
    edited = (path for path in sorted(paths) if "released" not in path.parts)
    return {path.relative_to(LAW).as_posix(): path.read_text(encoding="utf-8") for path in edited}


def tables(
    table: Mapping[str, Any], place: str = "$"
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, key and content of every table in an array of tables."""
    for key, value in table.items():
        rows = cast("list[Any]", value) if isinstance(value, list) else []
        for index, row in enumerate(rows):
            if isinstance(row, dict):
                inner = cast("dict[str, Any]", row)
                yield f"{place}.{key}[{index}]", key, inner
                yield from tables(inner, f"{place}.{key}[{index}]")


def without_paragraph(text: str) -> list[str]:
    """Tables that state law without saying where it stands."""
    found = tables(tomllib.loads(text))
    return [where for where, key, row in found if key in STATES_LAW and not row.get("paragraph")]


def unlisted(files: Mapping[str, str], readme: str) -> list[str]:
    """Files that assume something and are not named in the list of assumptions."""
    assuming = (name for name, text in files.items() if "assumption" in text)
    return [name for name in assuming if Path(name).name not in readme]


def test_everything_that_states_law_cites_its_paragraph() -> None:
    wrong = [
        f"{name}: {where}"
        for name, text in law_files().items()
        if name.endswith(".toml") and not name.endswith(".cases.toml")
        for where in without_paragraph(text)
    ]

    assert wrong == []


def test_a_clause_or_control_without_paragraph_is_seen() -> None:
    text = '[[clauses]]\nid = "a"\nparagraph = "§1"\n[[clauses.controls]]\nsector = 1\n'

    assert without_paragraph(text) == ["$.clauses[0].controls[0]"]


def test_every_file_that_assumes_something_is_listed_in_the_readme() -> None:
    assert unlisted(law_files(), README.read_text(encoding="utf-8")) == []


def test_an_assumption_that_is_not_listed_is_seen() -> None:
    files = {"flows/a.toml": "x = 1 # assumption", "flows/b.toml": "y = 2 # assumption"}

    assert unlisted(files, "- `flows/a.toml`: x") == ["flows/b.toml"]
