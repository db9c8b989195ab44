"""Every measurement that a document names can be run as it stands there."""

import re
from pathlib import Path
from typing import Final

import pytest
from tests.docs.console import ROOT
from tests.docs.test_documents_hold import documents

COMMAND: Final = re.compile(r"python -m (?P<module>bench(?:\.\w+)+)(?P<words>[^`\n]*)")
OPTION: Final = re.compile(r"--(?P<name>[a-z][\w-]*)")


def wrong_commands(text: str, root: Path) -> list[str]:
    """Commands of a text that name no module, or an option that their module does not know."""
    wrong: list[str] = []
    for found in COMMAND.finditer(text):
        module = root / f"{found['module'].replace('.', '/')}.py"
        source = module.read_text(encoding="utf-8") if module.is_file() else ""
        names = OPTION.findall(found["words"])
        unknown = [name for name in names if not _knows(source, name)]
        if not source or unknown:
            wrong.append(found[0].strip())
    return wrong


def _knows(source: str, option: str) -> bool:
    """A parameter of the command, or the name of one."""
    parameter = re.escape(option.replace("-", "_"))
    return (
        re.search(rf'^    {parameter}: Annotated|"--{re.escape(option)}"', source, re.MULTILINE)
        is not None
    )


@pytest.mark.parametrize("path", list(documents()), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_measurement_that_a_document_names_can_be_run(path: Path) -> None:
    assert wrong_commands(path.read_text(encoding="utf-8"), ROOT) == []


def test_a_command_that_does_not_exist_is_seen(tmp_path: Path) -> None:
    (tmp_path / "bench").mkdir()
    source = (
        'def main(\n    *,\n    asks: Annotated[int, Parameter()] = 1,\n    keep: "--record"\n'
    )
    (tmp_path / "bench/one.py").write_text(source, encoding="utf-8")

    text = (
        "`python -m bench.one --asks 5 --record` `python -m bench.one --other` "
        "`python -m bench.two [--asks]`"
    )

    assert wrong_commands(text, tmp_path) == [
        "python -m bench.one --other",
        "python -m bench.two [--asks]",
    ]


def test_what_a_refusal_tells_is_measured_by_a_command_that_its_document_names() -> None:
    text = (ROOT / "docs/explanation/refusals.md").read_text(encoding="utf-8")

    assert "python -m bench.telltale" in text
