"""Whatever stands in a file of lines, questions or amounts: it is read, or a rule is named."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.law.inventing import PERSON
from tests.property.mangling import spoiled

from kruispunt.circuits import one_shot
from kruispunt.cli.one_shot_file import read_file
from kruispunt.cli.questions_file import Common, FileWrong, read_questions
from kruispunt.exchange import BadLine, FileMark
from kruispunt.gateway.file_lines import LONGEST, SUFFIXES, LineFile, WrongFile
from kruispunt.vocabulary import Act

CSV: Final = (
    "ssin,sector,quality,phase,begin,end,line_begin\n"
    f'{PERSON.digits},17,001,1,2031-03-01,2031-03-31,\n"{PERSON.digits}",17,001,,2031-03-01,,\n'
).encode()
NDJSON: Final = (
    f'{{"ssin":"{PERSON.digits}","sector":17,"quality":"001","begin":"2031-03-01","end":null}}\n'
).encode()
RECORD: Final = (
    " " * 4 + "A1" + "017" + " " * 32 + PERSON.digits + " " * 51 + "001" + "01" + "20310301"
).encode().ljust(146) + b"\n"
QUESTIONS: Final = (
    f"ssin;beginDate;endDate;ticket\n{PERSON.digits};2031-03-01;2031-03-31;T\n".encode(),
    f'{{"ssin":"{PERSON.digits}","period":{{"beginDate":"2031-03-01"}}}}\n'.encode(),
)
AMOUNTS: Final = (
    f"ssin,transition_date,daily_amount\n{PERSON.digits},2021-10-01,55.00\n"
    f"{PERSON.digits},2022-04-01,50.00\nend,1,2\n"
).encode()
COMMON: Final = Common(
    begin=date(2031, 3, 1), until=None, ticket="", new_message=lambda: UUID(int=7, version=4)
)
LONG: Final = b"x" * 200_000
SEEDS: Final = (CSV, NDJSON, RECORD)
ANY: Final = st.binary(max_size=200)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(
    sent=ANY | spoiled(*SEEDS),
    act=st.sampled_from([None, *Act]),
    size=st.integers(1, 3),
)
def test_any_file_of_lines_is_read_to_its_end(
    folder: Path, suffix: str, sent: bytes, act: Act | None, size: int
):
    path = folder / f"lines{suffix}"
    path.write_bytes(sent)

    try:
        blocks = list(LineFile(path=path, act=act).blocks(FileMark(), size=size))
    except WrongFile:
        return

    told = [one for block, _, _ in blocks for one in block]
    assert blocks[-1][1].ended
    assert sum(len(raw) for _, _, raw in blocks) == len(told)
    assert all(len(line) <= LONGEST for _, _, raw in blocks for line in raw)
    assert all(PERSON.digits not in one.rule for one in told if isinstance(one, BadLine))


@pytest.mark.parametrize(("suffix", "sent"), list(zip(SUFFIXES, SEEDS, strict=True)))
def test_what_is_spoiled_there_was_in_order(folder: Path, suffix: str, sent: bytes):
    path = folder / f"good{suffix}"
    path.write_bytes(sent)

    ((block, mark, _),) = LineFile(path=path, act=Act.INTEGRATE).blocks(FileMark())

    assert mark.ended
    assert block
    assert not any(isinstance(one, BadLine) for one in block)


def questions(path: Path) -> object:
    return read_questions(str(path), COMMON)


READERS: Final[dict[str, tuple[Callable[[Path], object], tuple[bytes, ...]]]] = {
    "questions": (questions, QUESTIONS),
    "amounts": (read_file, (AMOUNTS,)),
}


@pytest.mark.parametrize("kind", READERS)
@given(data=st.data())
def test_any_file_is_read_or_a_rule_is_named(folder: Path, kind: str, data: st.DataObject):
    read, seeds = READERS[kind]
    path = folder / kind
    path.write_bytes(data.draw(ANY | spoiled(*seeds)))

    assert PERSON.digits not in fault_of(read, path)


@pytest.mark.parametrize("kind", READERS)
def test_a_file_that_is_in_order_is_read(folder: Path, kind: str):
    read, seeds = READERS[kind]

    for seed in seeds:
        (folder / kind).write_bytes(seed)
        assert fault_of(read, folder / kind) == ""


@pytest.mark.parametrize("kind", READERS)
def test_a_value_without_an_end_is_a_fault_of_the_file(folder: Path, kind: str):
    read, seeds = READERS[kind]
    (folder / kind).write_bytes(seeds[0].splitlines(keepends=True)[0] + LONG)

    assert "CSV" in fault_of(read, folder / kind)


def fault_of(read: Callable[[Path], object], path: Path) -> str:
    """The rule that is named; anything else that breaks is ours."""
    try:
        read(path)
    except (FileWrong, one_shot.WrongFile) as wrong:
        return str(wrong)
    return ""
