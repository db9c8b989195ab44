"""What README and documents promise of a command is what the command does."""

from pathlib import Path

import pytest
from tests.docs.console import ROOT, Block, blocks, missing, run

DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
MARKED = [
    block
    for path in DOCUMENTS
    for block in blocks(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("block", MARKED, ids=lambda block: block.place)
def test_the_commands_do_what_the_document_says(block: Block, tmp_path: Path) -> None:
    done = run(block, tmp_path)

    assert missing(block.promised, done.stdout) == [], done.stdout


def test_the_readme_has_a_tour_that_is_run() -> None:
    assert [block for block in MARKED if block.place.startswith("README.md")] != []


def test_every_marked_block_promises_something() -> None:
    assert [block.place for block in MARKED if not block.promised] == []


def test_a_document_that_promises_too_much_is_seen(tmp_path: Path) -> None:
    text = "<!-- run -->\n```console\n$ echo one two; (exit 3)\none …\n$ echo $?\n3\nfour\n```\n"
    (block,) = blocks("a.md", text)

    assert missing(block.promised, run(block, tmp_path).stdout) == ["four"]
