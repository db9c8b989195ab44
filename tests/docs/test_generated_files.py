"""What is generated says what types and law say now, and leaves nothing out."""

import re
from pathlib import Path
from typing import Final

import pytest
from tests.docs.console import ROOT

from kruispunt import vocabulary
from kruispunt.cli.generate import generate, generated_files
from kruispunt.law import Lawbook, read_lawbook
from kruispunt.vocabulary import Ending, Problem, Reason

GENERATED: Final = ROOT / "generated"


@pytest.fixture(scope="module")
def lawbook() -> Lawbook:
    return read_lawbook()


def test_generated_files_are_current(lawbook: Lawbook) -> None:
    stale = [
        path
        for path, text in generated_files(lawbook)
        if not (GENERATED / path).is_file()
        or (GENERATED / path).read_text(encoding="utf-8") != text
    ]

    assert stale == [], "make generate"


def test_every_flow_field_and_clause_has_its_place(lawbook: Lawbook) -> None:
    pages = dict(generated_files(lawbook))

    for flow in lawbook.flows.values():
        page = pages[f"reference/flows/{flow.id}.md"]
        assert [field.name for field in flow.fields if f"| `{field.name}` |" not in page] == []
    text = "".join(pages.values())
    assert [clause.id for clause in lawbook.clauses if f"## {clause.id}\n" not in text] == []


def test_every_problem_reason_and_ending_has_its_place(lawbook: Lawbook) -> None:
    pages = dict(generated_files(lawbook))
    kinds = [vars(vocabulary)[name] for name in vocabulary.__all__]
    problems = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Problem)]

    for kind in problems:
        assert f"## {kind.__name__}\n" in pages["reference/problems.md"]
    for code in (*Reason, *Ending):
        assert f"| `{code.value}` |" in pages["reference/audit.md"]


def test_every_setting_says_what_it_means(lawbook: Lawbook) -> None:
    page = dict(generated_files(lawbook))["reference/settings.md"]

    assert re.findall(r"^\| (`\w+`) \|.*\|  \|$", page, re.MULTILINE) == []


def test_a_page_that_is_no_longer_generated_goes_and_nothing_else(
    lawbook: Lawbook, tmp_path: Path
) -> None:
    # given a page of a flow that is gone, and a page that someone wrote
    generate(lawbook, into=tmp_path)
    page = tmp_path / "reference/flows/L609.md"
    old, own = page.with_name("gone.md"), page.with_name("own.md")
    old.write_text(page.read_text(encoding="utf-8"), encoding="utf-8")
    own.write_text("mine\n", encoding="utf-8")

    # when everything is generated again
    written = generate(lawbook, into=tmp_path)

    # then only the first has gone
    assert page in written
    assert not old.exists()
    assert own.exists()
