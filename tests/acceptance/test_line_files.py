"""A file of lines at a real hub: killed in the middle it goes on, and nothing is done twice."""

import asyncio
import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import msgspec
from tests.acceptance.standing import House, environment, kruispunt

LINES: Final = 12_000
WORDS: Final = ("--as", "PODMI", "--flow", "repertory.integrate", "--act", "integrate")
PURPOSE: Final = ("--purpose", "pcsa-social-inquiry")
ENTRIES: Final = "select count(*) as n from audit.decision where file_reference = 'months.csv'"
CHANGES: Final = "select count(*) as n from audit.change where ssin = $1 and institution = 'PODMI'"
STANDING: Final = """
select count(*) as n from directory.line
where ssin = $1 and sector = 17 and quality = 40
"""


def place(house: House) -> tuple[str, str]:
    return ("--state", str(house.place.state))


def words(house: House, file: Path, into: Path) -> list[str]:
    into_file = ("--into", str(into), *place(house), "--json")
    return ["file", "take", str(file), *WORDS, *PURPOSE, *into_file]


def kill_in_the_middle(argv: list[str], into: Path) -> None:
    """Start, and end by SIGKILL as soon as something was told."""
    first = subprocess.Popen([sys.executable, "-m", "kruispunt", *argv], env=environment())
    until = time.monotonic() + 120
    while not (into.exists() and into.stat().st_size) and time.monotonic() < until:
        assert first.poll() is None, "it ended before it was killed"
        time.sleep(0.02)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()


async def test_a_file_that_was_killed_in_the_middle_goes_on_and_nothing_is_done_twice(
    house: House, tmp_path: Path
):
    person = house.persons["full-time"].ssin
    file, into = tmp_path / "months.csv", tmp_path / "told.csv"
    days = [f"{2100 + n // 300}-{n // 25 % 12 + 1:02d}-{n % 25 + 1:02d}" for n in range(LINES)]
    lines = [f"{person.digits},17,040,{day},{day}\n" for day in days]
    file.write_text("ssin,sector,quality,begin,end\n" + "".join(lines) + "nobody,17,040,,\n")

    await asyncio.to_thread(kill_in_the_middle, words(house, file, into), into)
    (before,) = await house.fetch(house.hub, ENTRIES)
    second = kruispunt(*words(house, file, into), patience_s=200)
    third = kruispunt(*words(house, file, into))

    taken, again = (msgspec.json.decode(one.stdout) for one in (second, third))
    assert second.returncode == 3, second.stderr
    assert third.returncode == 5, third.stderr
    assert taken["lines"] == again["before"] == LINES + 1
    assert taken["before"] == before["n"]
    assert taken["before"] < LINES
    assert (taken["done"] + taken["before"], taken["wrong"]) == (LINES, 1)
    with into.open(newline="") as opened:
        numbers = list(dict.fromkeys(int(row["line"]) for row in csv.DictReader(opened)))
    assert numbers == list(range(2, LINES + 3))
    (entries,) = await house.fetch(house.hub, ENTRIES)
    assert entries["n"] == LINES
    (standing,) = await house.fetch(house.hub, STANDING, person.number)
    assert standing["n"] == LINES / 25
    (changes,) = await house.fetch(house.hub, CHANGES, person.number)
    assert changes["n"] == LINES
    assert person.digits not in into.read_text()
    replayed = kruispunt("audit", "replay", "--at", house.hub, "--json", *place(house))
    assert replayed.returncode == 0, replayed.stdout[:2000]
