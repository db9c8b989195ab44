"""The import contracts are kept, and every room stands on a floor."""

import configparser
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.tidy.house import ROOT, SOURCE

LINT: Final = Path(sys.executable).with_name("lint-imports")


def floors() -> str:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    return parser["importlinter:contract:staircase"]["layers"]


def lint(config: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [str(LINT), "--no-logo", "--no-cache", "--config", str(config)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_imports_only_go_down() -> None:
    done = lint(ROOT / ".importlinter", ROOT / "src")

    assert done.returncode == 0, done.stdout


def test_every_room_stands_on_a_floor() -> None:
    rooms = {path.parent.name for path in (ROOT / SOURCE).glob("*/__init__.py")}

    assert sorted(rooms - set(re.findall(r"\w+", floors()))) == []


def test_an_import_that_goes_up_is_seen(tmp_path: Path) -> None:
    # given a house of the same floors, in which the words lean on the command line
    for room in re.findall(r"\w+", floors()):
        folder = tmp_path / "kruispunt" / room
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "kruispunt/__init__.py").write_text("", encoding="utf-8")
    climbing = tmp_path / "kruispunt/vocabulary/__init__.py"
    climbing.write_text("import kruispunt.cli\n", encoding="utf-8")

    # when the contracts are checked there
    done = lint(ROOT / ".importlinter", tmp_path)

    # then the staircase is broken
    assert done.returncode == 1
    assert "one staircase, and it goes down BROKEN" in done.stdout
