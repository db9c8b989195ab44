"""Write `generated/`: reference pages and the OpenAPI document, from types and law alone."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import App, Parameter

from kruispunt.cli.pages import law_pages
from kruispunt.cli.paragraphs import named_tests, paragraph_page
from kruispunt.cli.reasons_page import reasons_page
from kruispunt.cli.vocabulary_pages import type_pages
from kruispunt.gateway import openapi, openapi_cases, wsdl_files
from kruispunt.law import Lawbook, LawWrong, read_law, read_lawbook, read_rules

ROOMS: Final = Path(__file__).resolve().parents[1]
WRONG: Final = 1
NOTE: Final = "<!-- Written by `make generate` from types and law. Do not edit. -->\n\n"
ADDRESS: Final = "https://hub.example"
"""Where services stand in a WSDL that is written; the one that a door gives has its own."""

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


@generate_app.command
def paragraphs(*, tests: Path = Path("tests"), into: Path = Path("docs/reference")) -> int:
    """Write a page for each deliberation that law/rules maps: paragraph, clauses, rules, tests.

    Exit codes: 0 written; 1 the law or a map of it is wrong.

    Parameters
    ----------
    tests
        The folder whose tests are named for rules.
    into
        The folder to write in.
    """
    try:
        law, books = read_law(), read_rules()
    except LawWrong as wrong:
        print(*wrong.faults, sep="\n", file=sys.stderr)
        return WRONG
    named = named_tests(tests)
    into.mkdir(parents=True, exist_ok=True)
    for book in books:
        path = into / f"{book.deliberation.replace('/', '-')}.md"
        text = NOTE + paragraph_page(book, law, named).rstrip() + "\n"
        path.write_text(text, encoding="utf-8")
        print(path)
    return 0


@generate_app.command
def reasons(*, into: Path = Path("docs/reference")) -> int:
    """Write the table of reasons: A1, SSDN, SOA and Belgif side by side.

    Exit codes: 0 written.

    Parameters
    ----------
    into
        The folder to write in.
    """
    path = into / "reasons.md"
    path.write_text(NOTE + reasons_page().rstrip() + "\n", encoding="utf-8")
    print(path)
    return 0


def generated_files(lawbook: Lawbook) -> Iterator[tuple[str, str]]:
    """Path and text of every generated file; the same types and law give the same bytes."""
    for name, described in (("openapi", openapi(lawbook)), ("openapi-cases", openapi_cases())):
        document = msgspec.json.encode(described, order="deterministic")
        yield f"{name}.json", msgspec.json.format(document, indent=2).decode() + "\n"
    for path, text in wsdl_files(lawbook, base_url=ADDRESS):
        yield f"wsdl/{path}", text
    for path, text in (*law_pages(lawbook), *type_pages(ROOMS)):
        yield f"reference/{path}", NOTE + text.rstrip() + "\n"


def generate(lawbook: Lawbook, *, into: Path) -> list[Path]:
    """Write every generated file below `into`, and remove pages that are no longer generated."""
    files = {into / path: text for path, text in generated_files(lawbook)}
    for path in (into / "reference").rglob("*.md"):
        if path not in files and path.read_text(encoding="utf-8").startswith(NOTE):
            path.unlink()
    for path in (into / "wsdl").glob("*.wsdl"):
        if path not in files:
            path.unlink()
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return sorted(files)
