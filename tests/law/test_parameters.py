"""Amounts, months, days and codes of the law have one value on every day, with its source."""

import shutil
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from kruispunt.law import (
    LawWrong,
    NoValue,
    Parameter,
    ParameterId,
    Unit,
    find_lawbook,
    keep_lawbook,
    read_lawbook,
)
from kruispunt.vocabulary import data_folder

LAWBOOK: Final = read_lawbook()
CEILING: Final = "increased-reimbursement.ceiling.current.first-person"
FILE: Final = "parameters/invented.toml"
HEAD: Final = """
[[parameters]]
id = "allowance"
titles = { nl = "toelage", en = "allowance" }
unit = "cents"
paragraph = "§1"
"""
FIRST: Final = (
    '[[parameters.values]]\nfrom = 2030-01-01\nuntil = 2030-12-31\neur = "10.00"\nsource = "§1"\n'
)
SECOND: Final = '[[parameters.values]]\nfrom = 2031-01-01\neur = "10.50"\nassumption = "x"\n'


@pytest.fixture
def law(tmp_path: Path) -> Path:
    return Path(shutil.copytree(data_folder("law"), tmp_path / "law"))


def written(law: Path, text: str) -> Path:
    (law / FILE).write_text(text, encoding="utf-8")
    return law


def the_allowance(law: Path) -> Parameter:
    return read_lawbook(law).parameters[ParameterId("allowance")]


def test_an_amount_changes_on_its_day_and_is_read_in_cents(law: Path) -> None:
    allowance = the_allowance(written(law, HEAD + SECOND + FIRST))

    assert allowance.cents_on(date(2030, 12, 31)) == 1000
    assert allowance.cents_on(date(2031, 1, 1)) == 1050
    assert allowance.on(date(2030, 6, 1)).source == "§1"
    assert allowance.on(date.max).assumption == "x"


def test_a_day_before_the_first_value_has_none(law: Path) -> None:
    allowance = the_allowance(written(law, HEAD + FIRST))

    with pytest.raises(NoValue, match="'allowance' has no value on 2029-12-31"):
        allowance.on(date(2029, 12, 31))
    with pytest.raises(NoValue, match="2031-01-01"):
        allowance.cents_on(date(2031, 1, 1))


def test_a_parameter_is_read_as_what_it_is() -> None:
    ceiling = LAWBOOK.parameters[ParameterId(CEILING)]
    months = LAWBOOK.parameters[ParameterId("increased-reimbursement.months")]
    last = LAWBOOK.parameters[ParameterId("degressivity-freeze.last-day")]
    forced = LAWBOOK.parameters[ParameterId("asr-benefits.joint-committees.force-routing")]
    day = date(2024, 10, 1)

    assert ceiling.cents_on(day) == 27_550_86
    assert months.count_on(day) == 3
    assert last.day_on(day) == date(2021, 9, 30)
    assert forced.codes_on(day) == {"327"}
    with pytest.raises(TypeError, match="is cents, not count"):
        ceiling.count_on(day)


def test_every_value_says_where_it_comes_from() -> None:
    silent = [
        (one.id, value.period.begin)
        for one in LAWBOOK.parameters.values()
        for value in one.values
        if not value.source and not value.assumption
    ]

    assert silent == []
    assert {one.unit for one in LAWBOOK.parameters.values()} == set(Unit)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + FIRST + 'colour = "red"\n', "$.parameters[0].values[0]: Object contains unknown"),
        (HEAD + 'colour = "red"\n' + FIRST, "$.parameters[0]: Object contains unknown field"),
        (HEAD + FIRST.replace("10.00", "10"), "$.parameters[0].values[0].eur: Expected `str` mat"),
        (
            HEAD + FIRST.replace("eur =", "# "),
            "$.parameters[0].values[0]: expected cents, found n",
        ),
        (
            HEAD + FIRST + "count = 1\n",
            "$.parameters[0].values[0]: expected cents, found cents, c",
        ),
        (HEAD + FIRST.replace("source", "# "), "$.parameters[0].values[0]: neither a source nor"),
        (HEAD + FIRST.replace("2030-12", "2029-12"), "$.parameters[0].values[0]: from and until:"),
        (
            HEAD + SECOND.replace("01-01", "02-01") + FIRST,
            "$.parameters[0].values[0]: 'allowance' has no value from 2031-01-01 to 2031-01-31",
        ),
        (
            HEAD + FIRST + SECOND.replace("2031", "2030").replace("01-01", "12-31"),
            "$.parameters[0].values[1]: 'allowance' has two values on 2030-12-31",
        ),
        (
            HEAD + FIRST.replace("until", "# until") + SECOND,
            "$.parameters[0].values[1]: 'allowance' has two values on 2031-01-01",
        ),
        (HEAD + FIRST + HEAD + SECOND, "$.parameters[1]: parameter 'allowance' stands twice"),
        (
            HEAD.replace("cents", "codes") + FIRST.replace('eur = "10.00"', 'codes = ["a", "a"]'),
            "$.parameters[0].values[0]: a code stands twice",
        ),
        (HEAD, "$.parameters[0]: Object missing required field `values`"),
    ],
)
def test_a_wrong_parameter_is_told_with_its_file_and_place(
    law: Path, text: str, told: str
) -> None:
    with pytest.raises(LawWrong) as wrong:
        read_lawbook(written(law, text))

    assert [line for line in map(str, wrong.value.faults) if line.startswith(f"{FILE}: {told}")]


def test_an_amount_is_part_of_what_the_lawbook_means(law: Path, tmp_path: Path) -> None:
    first = read_lawbook(written(law, HEAD + FIRST))
    other = read_lawbook(written(law, HEAD + FIRST.replace("10.00", "10.01")))

    keep_lawbook(first, tmp_path)

    assert len({first.digest, other.digest, LAWBOOK.digest}) == 3
    assert find_lawbook(first.digest, tmp_path) == first
