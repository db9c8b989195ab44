"""Files of lines: as if each line had come alone, at once or after a break, and bad lines told."""

import csv
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import msgspec
import pytest
from msgspec import structs
from tests.bringing_house import (
    FIELDS,
    FILE,
    OURS,
    SHORT,
    YEAR,
    Bringing,
    a_message,
    a_seat,
    bringing_law,
)
from tests.contract.taking_house import TakingHub, a_taking_hub
from tests.law.inventing import PERSON, SUCCESSOR, a_number

from kruispunt.directory import UNSEEN, Lines, Removal
from kruispunt.exchange import BadLine, FileLine, FileMark, FileTaking, what_was_made
from kruispunt.gateway import LineFile, WrongFile
from kruispunt.identity import MemoryRegisters
from kruispunt.vocabulary import (
    Act,
    DirectoryLine,
    Forbidden,
    NoAnswer,
    Ssin,
    check_digits,
)

Words = tuple[str, ...]
HEAD = "ssin,sector,quality,phase,begin,end\n"
GOOD = f"{PERSON.digits},5,002,0,2031-01-01,2031-12-31"
LINE = DirectoryLine(ssin=PERSON, sector=OURS, quality=FILE, period=YEAR)


@pytest.fixture
async def hub(empty_database: str) -> AsyncGenerator[TakingHub]:
    async with a_taking_hub(empty_database) as hub:
        await hub.register(PERSON, SUCCESSOR)
        yield hub


def a_csv(folder: Path, *lines: str, name: str = "lines.csv") -> Path:
    file = folder / name
    file.write_text(HEAD + "".join(f"{line}\n" for line in lines))
    return file


def told(file: Path) -> list[dict[str, str]]:
    with file.with_name(f"{file.stem}.told{file.suffix}").open(newline="") as opened:
        return list(csv.DictReader(opened))


def somebody(n: int) -> Ssin:
    head = 700101_001 + n
    return Ssin(f"{head:09d}{check_digits(head):02d}")


async def test_a_line_of_a_file_stands_and_has_an_entry(hub: TakingHub, tmp_path: Path):
    file = a_csv(tmp_path, GOOD)

    taken = await hub.run(file).take()

    assert (taken.lines, taken.done) == (1, 1)
    assert await hub.lines(PERSON) == {LINE}
    assert await hub.entries() == 1
    (line,) = told(file)
    assert (line["line"], line["result"], line["a1"]) == ("2", "done", "000000")
    assert (line["sector"], line["quality"], line["end_date"]) == ("005", "002", "2031-12-31")
    assert await hub.count("select count(*) from audit.term where kind = 10") == 1


async def test_what_the_law_refuses_is_told_by_its_code_and_changes_nothing(
    hub: TakingHub, tmp_path: Path
):
    await hub.replace(PERSON)
    unknown = somebody(5)
    file = a_csv(
        tmp_path,
        GOOD,
        GOOD.replace(",002,", ",007,"),
        GOOD.replace(PERSON.digits, unknown.digits),
    )

    taken = await hub.run(file).take()

    assert taken.refused == 3
    assert [line["a1"] for line in told(file)] == ["300020", "300010", "300020"]
    assert await hub.lines(PERSON, unknown) == set()
    assert await hub.entries() == 3


BAD = {
    "": "expected 6 values",
    "a,b": "expected 6 values",
    GOOD + ",": "expected 6 values",
    GOOD.replace(PERSON.digits, "123"): "ssin: expected 11 digits",
    GOOD.replace(PERSON.digits, "12345678901"): "ssin: check digits do not fit",
    GOOD.replace(PERSON.digits, ""): "ssin: expected 11 digits",
    GOOD.replace(",002,", ",2,"): "quality: expected three digits",
    GOOD.replace(",002,", ",,"): "quality: expected three digits",
    GOOD.replace(",5,", ",1000,"): "sector: expected 0 to 999",
    GOOD.replace(",5,", ",x,"): "sector: expected 0 to 999",
    GOOD.replace(",0,", ",100,"): "phase: expected 0 to 99",
    GOOD.replace("2031-01-01", "2031-02-30"): "begin: expected yyyy-mm-dd",
    GOOD.replace("2031-01-01", "20310101"): "begin: expected yyyy-mm-dd",
    GOOD.replace("2031-01-01", ""): "begin: expected yyyy-mm-dd",
    GOOD.replace("2031-12-31", "2030-12-31"): "end: expected an end after the begin",
    GOOD.replace("2031-12-31", "9999-12-31"): "end: leave the last day out for a period"
    " without end",
    GOOD.replace("2031-12-31", "tomorrow"): "end: expected yyyy-mm-dd",
    '"' + GOOD: "expected a line of CSV, whole in one line",
    GOOD + "\x00": "expected a line of text, of at most 4096 bytes",
    "9" * 9000: "expected a line of text, of at most 4096 bytes",
    GOOD.replace(",002,", ",001,"): "period: expected at most 2 months, with a last day",
}


async def test_bad_lines_of_every_kind_are_told_by_their_rule_and_the_others_are_taken(
    hub: TakingHub, tmp_path: Path
):
    file = a_csv(tmp_path, *BAD, GOOD)
    with file.open("ab") as more:
        more.write(b"\xff\xfe\n")

    taken = await hub.run(file).take()

    assert (taken.wrong, taken.done) == (len(BAD) + 1, 1)
    lines = told(file)
    assert [line["why"] for line in lines] == [*BAD.values(), "", "expected UTF-8"]
    assert {line["a1"] for line in lines} == {"000050", "000000"}
    assert [line["line"] for line in lines] == [str(n + 2) for n in range(len(lines))]
    assert await hub.lines(PERSON) == {LINE}
    assert await hub.entries() == 1


async def test_a_line_that_joins_others_to_one_too_long_is_told_and_the_others_are_taken(
    hub: TakingHub, tmp_path: Path
):
    short = f"{PERSON.digits},5,001,0,2031-01-01,2031-02-28"
    file = a_csv(tmp_path, short, short.replace("01-01,2031-02-28", "03-01,2031-03-31"), GOOD)
    run = hub.run(file)
    law = bringing_law(members=())
    run.taking = replace(run.taking, law=law.jurisdiction(law.hub))

    taken = await run.take()

    assert (taken.done, taken.wrong) == (2, 1)
    codes = [line["a1"] for line in _first_of_each(told(file))]
    assert codes == ["000000", "000050", "000000"]
    ends = {line.quality: line.period.last_day for line in await hub.lines(PERSON)}
    assert ends == {SHORT: date(2031, 2, 28), FILE: date(2031, 12, 31)}
    assert await hub.count("select count(*) from audit.outcome") == 3


async def test_nobody_s_number_comes_back(hub: TakingHub, tmp_path: Path):
    file = a_csv(tmp_path, GOOD, GOOD.replace(",002,", ",2,"))

    await hub.run(file).take()

    assert PERSON.digits not in file.with_name("lines.told.csv").read_text()


async def test_a_result_is_never_written_over(hub: TakingHub, tmp_path: Path):
    file = a_csv(tmp_path, GOOD)
    (tmp_path / "lines.told.csv").write_text("mine")

    with pytest.raises(WrongFile):
        await hub.run(file).take()

    assert (tmp_path / "lines.told.csv").read_text() == "mine"
    assert await hub.entries() == 0


@pytest.mark.parametrize("name", ["lines.txt", "lines.csv"])
async def test_a_file_of_another_kind_is_not_taken(hub: TakingHub, tmp_path: Path, name: str):
    file = tmp_path / name
    file.write_text("who,what\n1,2\n")

    with pytest.raises(WrongFile):
        await hub.run(file).take()


async def test_a_flow_that_brings_no_lines_takes_no_questions(hub: TakingHub, tmp_path: Path):
    with pytest.raises(Forbidden):
        hub.taking(a_csv(tmp_path, GOOD), None).check()


async def test_json_and_records_come_to_the_same_as_csv(hub: TakingHub, tmp_path: Path):
    words = {"ssin": PERSON.digits, "quality": "002", "begin": "2031-01-01", "end": "2031-12-31"}
    as_json = tmp_path / "lines.ndjson"
    as_json.write_bytes(msgspec.json.encode(words) + b'\n{"ssin": 1, "who": "x"}\n[]\n')
    record = tmp_path / "lines.a1"
    record.write_text(_record(PERSON) + "\n" + "A1\n")

    of_json = await hub.run(as_json).take()
    after_json = await hub.lines(PERSON)
    of_record = await hub.run(record).take()

    assert (of_json.done, of_json.wrong) == (of_record.done + 0, of_record.wrong + 1) == (1, 2)
    assert after_json == await hub.lines(PERSON) == {LINE}
    first, second = record.with_name("lines.told.a1").read_text().splitlines()
    assert first == _record(PERSON)[:140] + "000000"
    assert second == "A1".ljust(140) + "000050"


async def test_records_are_known_of_integrations_alone(hub: TakingHub, tmp_path: Path):
    record = tmp_path / "lines.a1"
    record.write_text(_record(PERSON) + "\n")

    with pytest.raises(WrongFile):
        await hub.run(record, Act.REMOVE).take()


class Killed(BaseException):
    """What ends a process in the middle."""


@pytest.mark.parametrize("stop", [1, 2, 3])
@pytest.mark.parametrize("seed", [1, 2])
async def test_what_was_broken_off_goes_on_and_comes_to_what_one_go_comes_to(
    hub: TakingHub, tmp_path: Path, stop: int, seed: int, monkeypatch: pytest.MonkeyPatch
):
    persons = await _people(hub)
    lines = _some_lines(Random(seed), persons)
    file = a_csv(tmp_path, *lines)
    whole = a_csv(tmp_path, *lines, name="whole.csv")
    whole.write_text(whole.read_text() + "\n")  # another file, by one bad line more
    await hub.run(whole).take()
    expected = await hub.lines(*persons)
    for ssin in persons:
        await Lines(hub.database, UNSEEN).end(_all_of(ssin))
    entries = await hub.entries()
    advance, calls = FileTaking.advance, list[int]()

    async def end_there(self: FileTaking, *told: object) -> None:
        calls.append(1)
        if len(calls) == stop:
            raise Killed
        await advance(self, *told)  # type: ignore[arg-type]  its own words, passed on

    monkeypatch.setattr(FileTaking, "advance", end_there)
    with pytest.raises(Killed):
        await hub.run(file).take()
    taken = await hub.run(file).take()

    assert taken.before == 3 * (stop - 1)
    assert await hub.lines(*persons) == expected
    assert await hub.entries() == 2 * entries
    assert _without_entries(told(file)) == _without_entries(told(whole))[:-1]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("act", [Act.INTEGRATE, Act.REMOVE])
async def test_a_file_comes_line_by_line_to_what_online_comes_to(
    hub: TakingHub, tmp_path: Path, seed: int, act: Act
):
    persons, dice = await _people(hub), Random(seed)
    before = _some_lines(dice, persons)
    await hub.run(a_csv(tmp_path, *before, name="before.csv")).take()
    file = a_csv(tmp_path, *(_some_lines if act is Act.INTEGRATE else _removals)(dice, persons))
    online = a_seat()
    online.files.lines.kept = frozenset(await hub.lines(*persons))
    before_file = Counter((one.ssin, one.made, one.part) for one in await hub.changes(*persons))
    registers = MemoryRegisters({ssin: a_number() for ssin in persons[:-1]})
    online.integration = replace(online.integration, identity=registers)

    await hub.run(file, act).take()

    (block, _, _) = next(LineFile(path=file, act=act).blocks(FileMark()))
    expected = [await _online(online, line) for line in block]
    found = told(file)
    assert [one["result"] for one in _first_of_each(found)] == [word for word, _ in expected]
    assert [_rows(found, n + 2) for n in range(len(block))] == [rows for _, rows in expected]
    assert await hub.lines(*persons) == online.kept
    of_file = Counter((one.ssin, one.made, one.part) for one in await hub.changes(*persons))
    of_file.subtract(before_file)
    assert +of_file == Counter(
        (change.ssin, *what_was_made(change)[:2]) for _, change in online.files.told
    )


async def _online(online: Bringing, line: FileLine | BadLine) -> tuple[str, list[Words]]:
    assert isinstance(line, FileLine)
    assert line.asked is not None
    question = structs.replace(a_message(message=line.number, about=line.about), ssin=line.ssin)
    done = await online.integration.do(question, line.asked)
    if isinstance(done, NoAnswer):
        return "refused", []
    return "done", [tuple(str(value or "") for value in row.values()) for row in done.answer.rows]


async def _people(hub: TakingHub) -> list[Ssin]:
    known = [somebody(2 * n) for n in range(3)]
    await hub.register(*known)
    return [*known, somebody(99)]


def _some_lines(dice: Random, persons: Sequence[Ssin]) -> list[str]:
    """Lines that overlap, touch and stand apart, of which some the law refuses."""
    return [
        ",".join(
            (
                dice.choice(persons).digits,
                dice.choice(("5", "", "9")),
                dice.choice(("002", "003", "007")),
                dice.choice(("0", "1", "")),
                *_days(dice),
            )
        )
        for _ in range(11)
    ]


def _removals(dice: Random, persons: Sequence[Ssin]) -> list[str]:
    lines = list[str]()
    for _ in range(11):
        days = _days(dice) if dice.random() < 0.7 else ("", "")
        quality = dice.choice(("002", "003", ""))
        phase = dice.choice(("0", "1", "")) if quality else ""
        lines.append(",".join((dice.choice(persons).digits, "5", quality, phase, *days)))
    return lines


def _days(dice: Random) -> tuple[str, str]:
    first, last = sorted((dice.randint(1, 20), dice.randint(1, 20)))
    return f"2031-01-{first:02d}", dice.choice((f"2031-01-{last:02d}", ""))


def _record(ssin: Ssin) -> str:
    """A record of an integration, as the layout that is known has it."""
    head = f"U62NA1005001{'mine':15}{'':11}O0C{ssin.digits}I605{'':32}3101010900M03S0"
    return f"{head}002002031010120311231{'':16}{'':6}"


def _all_of(ssin: Ssin) -> Removal:
    return Removal(ssin=ssin, sector=OURS)


def _without_entries(lines: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    return [line | {"entry": ""} for line in lines]


def _first_of_each(lines: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    return list({line["line"]: line for line in reversed(lines)}.values())[::-1]


def _rows(lines: Sequence[dict[str, str]], number: int) -> list[Words]:
    own = [line for line in lines if line["line"] == str(number) and line["sector"]]
    return [tuple(line[name] for name in FIELDS) for line in own]
