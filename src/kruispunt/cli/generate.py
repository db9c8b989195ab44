"""Write `generated/`: reference pages and the OpenAPI document, from types and law alone."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import App, Parameter

from kruispunt.cli.pages import law_pages
from kruispunt.cli.vocabulary_pages import type_pages
from kruispunt.gateway import openapi, openapi_cases
from kruispunt.law import Lawbook, LawWrong, read_lawbook

ROOMS: Final = Path(__file__).resolve().parents[1]
WRONG: Final = 1
NOTE: Final = "<!-- Written by `make generate` from types and law. Do not edit. -->\n\n"

generate_app: Final = App(name="generate", help="Write reference pages and OpenAPI from law.")


@generate_app.default
def write(
    *,
    into: Annotated[Path, Parameter(help="The folder to write in.")] = Path("generated"),
) -> int:
    """Write every generated file anew.

    Exit codes: 0 written; 1 the lawbook is wrong.
    """
    try:
        written = generate(read_lawbook(), into=into)
    except LawWrong as wrong:
        print(*wrong.faults, sep="\n", file=sys.stderr)
        return WRONG
    print(f"{len(written)} files written in {into}")
    return 0


def generated_files(lawbook: Lawbook) -> Iterator[tuple[str, str]]:
    """Path and text of every generated file; the same types and law give the same bytes."""
    for name, described in (("openapi", openapi(lawbook)), ("openapi-cases", openapi_cases())):
        document = msgspec.json.encode(described, order="deterministic")
        yield f"{name}.json", msgspec.json.format(document, indent=2).decode() + "\n"
    for path, text in (*law_pages(lawbook), *type_pages(ROOMS)):
        yield f"reference/{path}", NOTE + text.rstrip() + "\n"


def generate(lawbook: Lawbook, *, into: Path) -> list[Path]:
    """Write every generated file below `into`, and remove pages that are no longer generated."""
    files = {into / path: text for path, text in generated_files(lawbook)}
    for path in (into / "reference").rglob("*.md"):
        if path not in files and path.read_text(encoding="utf-8").startswith(NOTE):
            path.unlink()
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return sorted(files)
