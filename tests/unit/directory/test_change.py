from datetime import date

import pytest

from kruispunt.directory import Removal, WrongLine, added, removed
from kruispunt.directory.change import check_line
from kruispunt.vocabulary import (
    DirectoryLine,
    InstitutionCode,
    Period,
    Quality,
    Sector,
    Ssin,
)

ANNA = Ssin("85073003328")
NIC = Sector(11)
BEFORE, BEGIN, MIDDLE, LATER, END, AFTER = (date(2031, month, 1) for month in range(1, 7))


def a_line(
    begin: date = BEGIN,
    end: date | None = END,
    *,
    quality: int = 1,
    phase: int = 0,
    sector: int = 11,
    member: str | None = None,
) -> DirectoryLine:
    return DirectoryLine(
        ssin=ANNA,
        sector=Sector(sector),
        quality=Quality(quality),
        period=Period(begin, end),
        phase=phase,
        member=None if member is None else InstitutionCode(member),
    )


def without(removal: Removal, *lines: DirectoryLine) -> set[DirectoryLine]:
    return set(removed(lines, removal))


@pytest.mark.parametrize("begin", [BEFORE, BEGIN, MIDDLE, END])
def test_lines_that_overlap_or_touch_become_one(begin: date):
    grown = added([a_line()], a_line(begin, None))

    assert grown == {a_line(min(begin, BEGIN), None)}


def test_a_line_that_joins_two_leaves_one():
    kept = added([a_line(BEFORE, BEGIN), a_line(LATER, END)], a_line(BEGIN, LATER))

    assert kept == {a_line(BEFORE, END)}


@pytest.mark.parametrize(
    "other",
    [
        a_line(quality=2),
        a_line(phase=1),
        a_line(sector=12),
        a_line(member="A"),
        a_line(AFTER, None),
    ],
)
def test_lines_of_another_key_or_apart_stand_beside(other: DirectoryLine):
    assert added([other], a_line()) == {other, a_line()}


def test_situation_1_removes_all_lines_of_the_sector():
    elsewhere = a_line(sector=12)

    left = without(Removal(ssin=ANNA, sector=NIC), a_line(), a_line(quality=2), elsewhere)

    assert left == {elsewhere}


def test_situation_2_removes_a_period_from_all_lines_of_the_sector():
    removal = Removal(ssin=ANNA, sector=NIC, period=Period(LATER))

    left = without(removal, a_line(), a_line(quality=2, end=None), a_line(AFTER, None, quality=3))

    assert left == {a_line(BEGIN, LATER), a_line(BEGIN, LATER, quality=2)}


def test_situation_5_removes_all_lines_of_a_quality():
    removal = Removal(ssin=ANNA, sector=NIC, quality=Quality(1))

    assert without(removal, a_line(), a_line(phase=1), a_line(quality=2)) == {a_line(quality=2)}


def test_situation_6_removes_a_period_from_a_quality():
    removal = Removal(ssin=ANNA, sector=NIC, quality=Quality(1), period=Period(BEFORE, MIDDLE))

    left = without(removal, a_line(), a_line(quality=2))

    assert left == {a_line(MIDDLE, END), a_line(quality=2)}


def test_situation_7_removes_all_lines_of_a_quality_and_phase():
    removal = Removal(ssin=ANNA, sector=NIC, quality=Quality(1), phase=1)

    assert without(removal, a_line(), a_line(phase=1)) == {a_line()}


def test_situation_8_removes_a_period_from_one_line_and_splits_it():
    removal = Removal(
        ssin=ANNA,
        sector=NIC,
        quality=Quality(1),
        phase=0,
        line_begin=BEGIN,
        period=Period(MIDDLE, LATER),
    )

    left = without(removal, a_line(), a_line(AFTER, None), a_line(phase=1))

    assert left == {
        a_line(BEGIN, MIDDLE),
        a_line(LATER, END),
        a_line(AFTER, None),
        a_line(phase=1),
    }


def test_an_institution_behind_a_node_removes_only_its_own_lines():
    removal = Removal(ssin=ANNA, sector=NIC, member=InstitutionCode("A"))

    assert without(removal, a_line(member="A"), a_line(member="B")) == {a_line(member="B")}


def test_a_phase_is_named_with_its_quality_and_a_line_with_all_that_finds_it():
    with pytest.raises(WrongLine, match="expected a quality"):
        Removal(ssin=ANNA, sector=NIC, phase=1)
    with pytest.raises(WrongLine, match="with the begin of a line"):
        Removal(ssin=ANNA, sector=NIC, quality=Quality(1), line_begin=BEGIN)


@pytest.mark.parametrize(
    "line",
    [
        a_line(quality=1000),
        a_line(quality=-1),
        a_line(sector=1000),
        a_line(phase=100),
        a_line(member="A"),
    ],
)
def test_a_line_out_of_bounds_or_with_a_member_at_a_hub_is_refused(line: DirectoryLine):
    with pytest.raises(WrongLine):
        check_line(line, names_members=False)


def test_a_node_names_members():
    check_line(a_line(member="A"), names_members=True)
