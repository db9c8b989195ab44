"""The one-time file crosses the house: tables of payment institutions, RVA, KSZ, NIC, insurers.

05/022 §7.4, §42-44: OS-1 to OS-9 and R-ONCE, with processes that are killed on the way.
"""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_IMODE
from typing import Final, cast

import pytest
from tests.acceptance.crossing import kill, mails, names_at, supplier, until
from tests.acceptance.payer_tables import AMOUNTS, fill_tables
from tests.acceptance.standing import House, a_standing_house, environment, kruispunt
from tests.acceptance.test_trail_tree import audit

from kruispunt.circuits.one_shot import OneShotRecord, read_records, write_records
from kruispunt.vocabulary import InstitutionCode, Ssin

FIRST, SECOND = InstitutionCode("ACV"), InstitutionCode("HVW")
"""Two of those who pay."""

MANY: Final = 240
BOTH: Final = 20
"""Persons who are paid by both: each tells its own amounts."""

KNOWN: Final = """
select n.ssin from identity.number as n
where n.status = 1 and exists (
    select from directory.line as l
    where l.ssin = n.ssin and l.sector = 11 and l.quality = 1 and l.end_date is null
) and not exists (
    select from directory.line as l where l.ssin = n.ssin and l.sector = 11 and l.quality = 2
)
order by n.ssin
limit $1
"""
MEMBERS: Final = """
select l.ssin, m.code as member
from directory.line as l
join directory.member as m on m.id = l.member
where l.sector = 11 and l.quality = 1 and l.end_date is null and l.ssin = any($1)
"""
ENTRIES: Final = """
select d.ssin, d.reason, count(*) as entries, count(o.entry) as outcomes,
    coalesce(sum(o.shown), 0) as shown
from audit.decision as d
left join audit.outcome as o on o.entry = d.id
where d.file_reference <> ''
group by d.ssin, d.reason
"""


@dataclass(frozen=True)
class Told:
    """Who is in the file, and what becomes of them."""

    persons: list[Ssin]
    members: Mapping[Ssin, InstitutionCode]
    over: frozenset[Ssin]
    """The risk is not current any more on 1 October 2021 (OS-3)."""

    elsewhere: frozenset[Ssin]
    """Not of the population that RVA integrated (OS-7)."""

    left: frozenset[Ssin]
    """Known at no insurer on the day of sending (OS-8)."""

    medical: frozenset[Ssin]
    """Members of an insurer that pays no benefits: the clause is not meant for it."""

    parts: Mapping[InstitutionCode, Path] = field(default_factory=dict[InstitutionCode, Path])

    @property
    def times(self) -> Counter[Ssin]:
        return Counter([*self.persons[: MANY // 2 + BOTH], *self.persons[MANY // 2 :]])

    @property
    def past_hub(self) -> set[Ssin]:
        return set(self.persons) - self.over - self.elsewhere

    @property
    def given(self) -> set[Ssin]:
        return self.past_hub - self.left - self.medical


@pytest.fixture(scope="module")
def house() -> Generator[House]:
    with a_standing_house(workers=1) as house:
        yield house
        assert house.numbers_in_logs() == []


@pytest.fixture(scope="module")
def told(house: House, tmp_path_factory: pytest.TempPathFactory) -> Told:
    return asyncio.run(prepared(house, tmp_path_factory.mktemp("parts")))


async def prepared(house: House, folder: Path) -> Told:
    """Persons with a risk that runs, a population, and two parts of a file."""
    rows = await house.fetch(house.hub, KNOWN, MANY)
    numbers = [cast("int", row["ssin"]) for row in rows]
    persons = [Ssin(f"{one:011d}") for one in numbers]
    assert len(persons) == MANY
    members = {
        Ssin(f"{row['ssin']:011d}"): InstitutionCode(str(row["member"]))
        for row in await house.fetch(house.node, MEMBERS, numbers)
    }
    told = Told(
        persons=persons,
        members=members,
        over=frozenset(persons[::7]),
        elsewhere=frozenset(persons[3::11]),
        left=frozenset(persons[5::40]),
        medical=frozenset(one for one, code in members.items() if not pays(house, code)),
        parts={
            FIRST: await selected(house, folder / "first.csv", persons),
            SECOND: written(folder / "second.csv", persons[MANY // 2 :]),
        },
    )
    integrate(house, told, folder)
    return told


async def selected(house: House, path: Path, persons: Sequence[Ssin]) -> Path:
    """The first part, from the tables of who pays it: who is in, and four more who are not."""
    wanted, others = persons[: MANY // 2 + BOTH], persons[-4:]
    await fill_tables(house, FIRST, wanted, others)
    words = ("one-shot", "select", "--at", FIRST, "--into", str(path), "--json")
    chosen = await asyncio.to_thread(run, house, *words)
    assert chosen.returncode == 0, chosen.stderr
    assert json.loads(chosen.stdout) == {
        "listed": len(wanted) + len(others),
        "persons": len(wanted),
        "amounts": len(wanted) * len(AMOUNTS),
    }
    return path


def pays(house: House, code: InstitutionCode) -> bool:
    return "benefits_insurer" in house.network.lawbook.institutions[code].roles


def written(path: Path, persons: Sequence[Ssin]) -> Path:
    records = (OneShotRecord(ssin=one, drops=AMOUNTS) for one in persons)
    path.write_text("".join(write_records(records)), "utf-8")
    return path


def integrate(house: House, told: Told, folder: Path) -> None:
    """A risk of each person at an insurer; the population at the hub; who left, has left."""
    head = "ssin,sector,quality,phase,begin,end"
    risks = {
        one: f"{one.digits},11,2,0,2021-03-01,{'2021-09-30' if one in told.over else ''}"
        for one in told.persons
    }
    at_node = [f"{line},{told.members[one]}" for one, line in risks.items()]
    load(house, house.node, folder / "node.csv", [f"{head},member", *at_node])
    load(house, house.hub, folder / "risks.csv", [head, *risks.values()])
    of_all = written(folder / "all.csv", [o for o in told.persons if o not in told.elsewhere])
    lines = folder / "population.csv"
    made = run(house, "one-shot", "population", str(of_all), "--out", str(lines))
    assert made.returncode == 0, made.stderr
    load(house, house.hub, lines)
    for one in told.left:
        words = ("--sector", "11", "--quality", "1", "--ssin", "-", "--at", house.node)
        ended = run(house, "directory", "end", *words, stdin=one.digits + "\n")
        assert ended.returncode == 0, ended.stderr


def load(
    house: House, at: InstitutionCode, path: Path, lines: Iterable[str] | None = None
) -> None:
    if lines is not None:
        path.write_text("\n".join(lines) + "\n", "utf-8")
    done = run(house, "directory", "load", str(path), "--at", at)
    assert done.returncode == 0, done.stderr


def run(house: House, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return kruispunt(*words, "--state", str(house.place.state), stdin=stdin, patience_s=120)


def sending(house: House, told: Told, code: InstitutionCode) -> list[str]:
    words = ["one-shot", "send", str(told.parts[code]), "--at", code, "--batch", "10", "--json"]
    return [*words, "--state", str(house.place.state)]


def started(words: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "kruispunt", *words],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def entries(house: House, at: InstitutionCode) -> dict[Ssin, tuple[int, int, int]]:
    """How often each person of the file stands in a trail, with which reason and rows shown."""
    return {
        Ssin(f"{row['ssin']:011d}"): (
            cast("int", row["entries"]),
            cast("int", row["reason"]),
            int(str(row["shown"])),
        )
        for row in await house.fetch(at, ENTRIES)
    }


def at_insurer(house: House, code: InstitutionCode) -> list[OneShotRecord]:
    """All that stands on the shelf of an insurer."""
    found: list[OneShotRecord] = []
    for path in sorted(house.place.home(code).one_shot.glob("*.csv")):
        with path.open(encoding="utf-8") as lines:
            found += read_records(lines)
    return found


def test_os_5_the_file_of_who_pays_is_that_of_its_own_tables_and_of_nobody_elses(
    house: House, told: Told, tmp_path: Path
):
    """05/022 §7.4: OS-4, OS-5, OS-6; what is sent here is what is read in the end."""
    path = told.parts[FIRST]
    by_hand = written(tmp_path / "by-hand.csv", sorted_persons(told.persons[: MANY // 2 + BOTH]))
    nobody = run(house, "one-shot", "select", "--at", "CM", "--into", str(tmp_path / "none.csv"))

    assert path.read_text("utf-8") == by_hand.read_text("utf-8")
    assert S_IMODE(path.stat().st_mode) == 0o600
    assert (nobody.returncode, (tmp_path / "none.csv").exists()) == (2, False)


def sorted_persons(persons: Iterable[Ssin]) -> list[Ssin]:
    return sorted(persons, key=lambda one: one.number)


def test_a_file_that_breaks_a_rule_is_named_line_by_line_and_nothing_of_it_is_sent(
    house: House, told: Told, tmp_path: Path
):
    text = told.parts[FIRST].read_text("utf-8")
    lines = text.splitlines(keepends=True)
    number = told.persons[0].digits
    wrong_number = f"{number[:-2]}{(int(number[-2:]) + 1) % 100:02d}"
    broken = {
        "expected the columns": text.replace("daily_amount", "amount", 1),
        "line 2: ssin": text.replace(number, wrong_number, 1),
        "each person once": "".join([*lines[:-1], lines[1], lines[-1]]),
        "cut off": "".join(lines[:-1]),
        "not whole": "".join([*lines[:5], lines[-1]]),
    }

    for rule, content in broken.items():
        path = tmp_path / "broken.csv"
        path.write_text(content, "utf-8")
        sent = run(house, "one-shot", "send", str(path), "--at", FIRST)
        assert (sent.returncode, rule in sent.stderr) == (2, True), (rule, sent.stderr)
        assert number not in sent.stderr

    assert asyncio.run(entries(house, supplier(house))) == {}


async def test_every_person_is_recorded_at_each_hop_once_whoever_is_killed_on_the_way(
    house: House, told: Told
):
    """OS-2 to OS-9: the sender is killed, then each seat and carrier while another part goes."""
    node, hub, beyond = house.node, house.hub, supplier(house)
    first = started(sending(house, told, FIRST))
    await until(lambda: begun(house, beyond), "a first batch at the supplier's node")
    first.kill()
    first.communicate()
    second = started(sending(house, told, SECOND))
    for code in (beyond, hub, node):
        await asyncio.sleep(0.7)
        kill(house, f"{code.lower()}-1")
    for code in (beyond, hub):
        kill(house, f"carry-{code.lower()}")
    said, why = await asyncio.to_thread(second.communicate, timeout=120)
    assert second.returncode == 0, why
    assert json.loads(said)["persons"] == MANY // 2
    again = await asyncio.to_thread(kruispunt, *sending(house, told, FIRST), patience_s=120)
    assert again.returncode == 0, again.stderr

    await until(lambda: arrived(house, told), "all of it at the node of the insurers")
    times = told.times
    at_supplier = await entries(house, beyond)
    assert at_supplier == {one: (times[one], 0, times[one]) for one in told.persons}
    at_hub = await entries(house, hub)
    assert {one: found[0] for one, found in at_hub.items()} == dict(times)
    assert {one for one, found in at_hub.items() if not found[1]} == told.past_hub
    at_node = await entries(house, node)
    assert {one: found[0] for one, found in at_node.items()} == {
        one: times[one] for one in told.past_hub
    }
    assert {one for one, found in at_node.items() if not found[1]} == told.given
    assert await names_at(house, hub) == []


async def begun(house: House, at: InstitutionCode) -> bool | None:
    return True if await house.entries(at) else None


async def arrived(house: House, told: Told) -> bool | None:
    found = await entries(house, house.node)
    return True if set(found) == told.past_hub and await is_carried(house) else None


async def is_carried(house: House) -> bool:
    seats = ((supplier(house), house.hub), (house.hub, house.node))
    return not any([await mails(house, at, to) for at, to in seats])


async def test_each_insurer_has_the_amounts_of_its_own_members_and_of_nobody_else(
    house: House, told: Told
):
    circuit = house.insurer  # its circuit empties its mailbox; the others do it by command
    others = sorted(set(told.members.values()) - {circuit})
    for code in others:
        done = await asyncio.to_thread(
            run, house, "one-shot", "collect", "--at", code, "--wait", "1", "--json"
        )
        assert done.returncode == 0, done.stderr
    await until(lambda: emptied(house, circuit), "the mailbox of the circuit is empty")

    times = told.times
    for code in (circuit, *others):
        found = Counter(record.ssin for record in at_insurer(house, code))
        own = [one for one in told.given if told.members[one] == code]
        assert found == {one: times[one] for one in own}, code
        assert {record.drops for record in at_insurer(house, code)} <= {AMOUNTS}
    assert len(others) > 1


async def emptied(house: House, code: InstitutionCode) -> bool | None:
    return None if await mails(house, house.node, code) else True


def test_r_once_another_file_is_refused_and_the_same_one_does_nothing_more(
    house: House, told: Told, tmp_path: Path
):
    seats = (supplier(house), house.hub, house.node)
    before = [asyncio.run(house.entries(code)) for code in seats]
    other = written(tmp_path / "other.csv", told.persons[:3])
    elsewhere = ("--file", "00000000-0000-4000-8000-000000000001")

    same = kruispunt(*sending(house, told, FIRST), patience_s=120)
    of_first = run(house, "one-shot", "send", str(other), "--at", FIRST)
    of_third = run(house, "one-shot", "send", str(other), "--at", "ABVV", *elsewhere)

    assert (same.returncode, of_first.returncode, of_third.returncode) == (0, 4, 4)
    assert "409" in of_first.stderr
    assert [asyncio.run(house.entries(code)) for code in seats] == before


def test_each_seat_tells_how_many_stayed_behind_and_decides_every_entry_the_same_again(
    house: House, told: Told
):
    times = told.times
    expected = {
        supplier(house): (sum(times.values()), sum(times.values())),
        house.hub: (sum(times.values()), sum(times[one] for one in told.past_hub)),
        house.node: (
            sum(times[one] for one in told.past_hub),
            sum(times[one] for one in told.given),
        ),
    }
    for code, (persons, passed) in expected.items():
        (shown,) = json.loads(run(house, "one-shot", "show", "--at", code, "--json").stdout)
        assert (shown["persons"], shown["passed"]) == (persons, passed), code
        assert shown["withheld"] == persons - passed
        replayed = audit(house, "replay", "--at", code, "--json")
        assert replayed.returncode == 0, replayed.stdout + replayed.stderr
