"""Documents point at things that exist, and everything that needs a document has one."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.docs.console import ROOT

LINK: Final = re.compile(r"\[[^\]]*\]\((?!https?://|mailto:|#)(?P<target>[^)#\s]+)(?:#[^)]*)?\)")
GUARD: Final = re.compile(r"`(?P<file>tests/[\w/]+\.py)(?:::(?P<name>\w+))?`")
SECTIONS: Final = ("## Context", "## Options", "## Decision", "## Consequences")
PAGE_LINES: Final = 70
PROMISES: Final = range(1, 9)


def documents() -> Iterator[Path]:
    for folder in ("docs", "law", "generated"):
        yield from sorted((ROOT / folder).rglob("*.md"))
    yield from sorted(ROOT.glob("*.md"))


def broken_links(path: Path, text: str) -> list[str]:
    targets = (found["target"] for found in LINK.finditer(text))
    return [f"{path.name}: {target}" for target in targets if not (path.parent / target).exists()]


def missing_guards(text: str, root: Path) -> list[str]:
    """Tests that a text names and that do not exist."""
    found = ((match["file"], match["name"] or "") for match in GUARD.finditer(text))
    return [
        f"{file}::{name}"
        for file, name in found
        if not (root / file).is_file() or (name and f"def {name}(" not in _read(root / file))
    ]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_every_link_leads_somewhere() -> None:
    assert [link for path in documents() for link in broken_links(path, _read(path))] == []


def test_a_link_that_leads_nowhere_is_seen(tmp_path: Path) -> None:
    text = "[a](a.md#part) [b](b.md) [c](https://c.example) [d](#d)"
    (tmp_path / "a.md").touch()

    assert broken_links(tmp_path / "page.md", text) == ["page.md: b.md"]


def test_every_promise_names_a_test_that_exists() -> None:
    assert missing_guards(_read(ROOT / "README.md"), ROOT) == []


def test_a_guard_that_does_not_exist_is_seen(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_a.py").write_text("def test_one(): ...\n", encoding="utf-8")

    found = missing_guards("`tests/test_a.py::test_one` `tests/test_a.py::test_two`", tmp_path)

    assert found == ["tests/test_a.py::test_two"]


def test_every_promise_stands_in_the_readme_with_its_guard() -> None:
    rows = re.findall(r"^\| (\d) \|.*$", _read(ROOT / "README.md"), re.MULTILINE)

    assert [int(number) for number in rows] == list(PROMISES)


def test_every_command_of_make_is_listed() -> None:
    makefile = _read(ROOT / "Makefile")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE)) - {"ready"}

    assert sorted(targets - set(re.findall(r"^([a-z]+):.*  ## ", makefile, re.MULTILINE))) == []


def test_every_decision_record_is_one_whole_page() -> None:
    records = sorted((ROOT / "docs/adr").glob("*.md"))
    wrong = [
        path.name
        for path in records
        if [one for one in SECTIONS if one not in _read(path)]
        or len(_read(path).splitlines()) > PAGE_LINES
    ]

    assert wrong == []
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))


def test_every_word_of_the_glossary_has_four_languages_and_a_meaning() -> None:
    lines = _read(ROOT / "GLOSSARY.md").splitlines()
    rows = [line.strip("|").split("|") for line in lines if line.startswith("| ")]

    assert [row for row in rows if len(row) != 5 or not all(cell.strip() for cell in row)] == []
