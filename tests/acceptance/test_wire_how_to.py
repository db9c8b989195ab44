"""`docs/how-to/connect-over-soap.md` does what it says: its blocks are run against a network."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.acceptance.standing import TODAY, House, environment
from tests.acceptance.test_centres import NODE, Client, helped, people
from tests.docs.console import ROOT, missing

from kruispunt.cli.settings import STATE

__all__ = ["helped", "people"]  # fixtures

PAGE: Final = (ROOT / "docs/how-to/connect-over-soap.md").read_text("utf-8")
FENCED: Final = re.compile(r"^```(console|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def run(folder: Path, command: str, given: dict[str, str]) -> str:
    program = folder / "kruispunt"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kruispunt "$@"\n', "utf-8")
    program.chmod(0o700)
    path = os.pathsep.join((str(folder), str(Path(sys.executable).parent), os.environ["PATH"]))
    done = subprocess.run(
        ["bash", "-eu", "-c", command],
        cwd=folder,
        env={**environment(), "PATH": path, **given},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout


def test_who_follows_the_page_is_answered(house: House, helped: Client, tmp_path: Path):
    given = {
        "NODE": house.url(NODE),
        "DAY": f"{TODAY}",
        STATE: str(house.place.state),
    }
    (tmp_path / "person").write_text(helped.ssin.digits)

    for kind, text in FENCED.findall(PAGE):
        if kind == "python":
            (tmp_path / text.split()[1]).write_text(text)
            continue
        lines = text.replace("\\\n", " ").splitlines()
        commands = "\n".join(line[2:] for line in lines if line.startswith("$ "))
        promised = tuple(line for line in lines if line and not line.startswith("$ "))
        told = run(tmp_path, commands, given)
        assert missing(promised, told) == [], told

    home = house.place.home(NODE)
    for made in (home.soap_key, home.soap_certificate, home.callers):
        made.unlink()
