"""Numbers against python-stdnum: where we differ from it, we do so on purpose and say why."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum.be import bis, nn, ssn, vat

from kruispunt.vocabulary import (
    EnterpriseNumber,
    EstablishmentNumber,
    IncompleteDate,
    NssoNumber,
    Ssin,
    WrongNumber,
    check_digits,
    nsso_check,
)

TODAY = date.today()  # noqa: DTZ011  the oracle reads the same clock


def is_ssin(digits: str) -> bool:
    try:
        return bool(Ssin(digits))
    except WrongNumber:
        return False


def is_enterprise(digits: str) -> bool:
    try:
        return bool(EnterpriseNumber(digits))
    except WrongNumber:
        return False


@st.composite
def likely(draw: st.DrawFn) -> str:
    """Eleven digits that are nearly always right but for one thing."""
    year, month = draw(st.integers(0, 99)), draw(st.integers(0, 60))
    day, counter = draw(st.integers(0, 35)), draw(st.integers(0, 999))
    head = int(f"{year:02d}{month:02d}{day:02d}{counter:03d}")
    check = check_digits(head, from_2000=draw(st.booleans())) + draw(st.sampled_from((0, 0, 0, 1)))
    return f"{head:09d}{check % 100:02d}"


def century_to_come(digits: str) -> bool:
    """Difference 1: the oracle reads the clock and refuses years to come; we have no clock."""
    head, check = int(digits[:9]), int(digits[9:])
    later = check == check_digits(head, from_2000=True)
    return later and 2000 + int(digits[:2]) > TODAY.year


def no_such_day(digits: str) -> bool:
    """Difference 2: the oracle takes a day past the end of the month for an unknown day.

    The schema writes an unknown day 00 (CommonV3), so 31 February is a mistake to us.
    """
    month, day = int(digits[2:4]) % 20, int(digits[4:6])
    head, check = int(digits[:9]), int(digits[9:])
    year = int(digits[:2]) + (2000 if check == check_digits(head, from_2000=True) else 1900)
    if month == 0 or day == 0:
        return day > 31
    try:
        date(year, month, day)
    except ValueError:
        return True
    return False


def counter_zero(digits: str) -> bool:
    """Difference 3: the schema gives the National Register no day counter 000 (CommonV3)."""
    return int(digits[2:4]) < 20 and digits[6:9] == "000"


@given(digits=likely())
@example(digits="85073003328")
@example(digits="17073003384")
@example(digits="98472899765")
@example(digits="01490700185")
@example(digits="40000095579")
@example(digits="00000100195")
def test_a_number_is_right_exactly_where_the_oracle_agrees(digits: str):
    theirs = ssn.is_valid(digits)

    ours = is_ssin(digits)

    if century_to_come(digits):
        assert not theirs
    elif no_such_day(digits) or counter_zero(digits):
        assert not ours
    else:
        assert ours == theirs


@given(digits=likely().filter(is_ssin).filter(lambda digits: not century_to_come(digits)))
def test_what_a_number_tells_is_what_the_oracle_reads(digits: str):
    number, register = Ssin(digits), bis if int(digits[2:4]) >= 20 else nn
    year, month = register.get_birth_year(digits), register.get_birth_month(digits)

    assert number.is_bis == (ssn.guess_type(digits) == "bis")
    assert number.birth_date.month == month
    # Difference 4: the oracle takes the made-up day 1900-00-01 for an unknown year as well.
    assert year in (number.birth_date.year, None)
    born = register.get_birth_date(digits)
    assert born is None or str(number.birth_date) == born.isoformat()
    told = register.get_gender(digits)
    assert number.sex == ({"M": "male", "F": "female"}[told] if told else None)


def test_years_to_come_are_a_matter_for_registers_and_not_for_digits():
    head = 900101001

    number = Ssin(f"{head}{check_digits(head, from_2000=True):02d}")

    assert number.century == 2000
    assert not ssn.is_valid(number.digits)


@pytest.mark.parametrize("day", ["850231001", "850432001", "850035001"])
def test_a_day_that_no_month_has_is_a_mistake_and_not_an_unknown_day(day: str):
    digits = f"{day}{check_digits(int(day)):02d}"

    assert ssn.is_valid(digits)
    with pytest.raises(WrongNumber, match="birth date does not exist"):
        Ssin(digits)


def test_the_day_counter_000_is_issued_by_the_bis_register_only():
    register, bis_register = "850730000", "854730000"

    assert is_ssin(f"{bis_register}{check_digits(int(bis_register)):02d}")
    with pytest.raises(WrongNumber, match="day counter 000"):
        Ssin(f"{register}{check_digits(int(register)):02d}")


@pytest.mark.parametrize(
    ("head", "born"),
    [
        ("850000001", IncompleteDate(year=1985)),
        ("850700001", IncompleteDate(year=1985, month=7)),
        ("852000001", IncompleteDate(year=1985)),
        ("854700001", IncompleteDate(year=1985, month=7)),
        ("850730001", IncompleteDate(year=1985, month=7, day=30)),
    ],
)
def test_an_incomplete_birth_date_stays_incomplete(head: str, born: IncompleteDate):
    assert Ssin(f"{head}{check_digits(int(head)):02d}").birth_date == born


@pytest.mark.parametrize(
    ("head", "sex"),
    [("850730001", "male"), ("850730002", "female"), ("852730001", None), ("854730002", "female")],
)
def test_a_number_tells_the_sex_unless_it_was_not_known(head: str, sex: str | None):
    assert Ssin(f"{head}{check_digits(int(head)):02d}").sex == sex


@given(head=st.integers(0, 999_999_999))
def test_check_digits_never_fit_both_centuries(head: int):
    assert check_digits(head) != check_digits(head, from_2000=True)


@pytest.mark.parametrize(
    "digits", ["", "8507300332", "850730033281", "85.07.30-033.28", "85073003329", "８5073003328"]
)
def test_only_eleven_plain_digits_that_fit_are_a_number(digits: str):
    with pytest.raises(WrongNumber):
        Ssin(digits)


def test_a_number_is_never_printed_nor_told_in_an_error():
    number = Ssin("85073003328")

    with pytest.raises(WrongNumber) as wrong:
        Ssin("85073003329")

    assert f"{number} {number!r}" == "Ssin(***) Ssin(***)"
    assert "850" not in str(wrong.value)


@given(digits=likely().filter(is_ssin))
def test_a_number_survives_the_form_in_which_stores_keep_it(digits: str):
    number = Ssin(digits)

    assert Ssin.of(number.number) == number


@st.composite
def ten_digits(draw: st.DrawFn) -> str:
    head = draw(st.integers(1, 99_999_999))
    check = 97 - head % 97 + draw(st.sampled_from((0, 0, 1)))
    return f"{head:08d}{check % 100:02d}"


@given(digits=ten_digits())
@example(digits="0244640631")
def test_an_enterprise_number_is_right_exactly_where_the_oracle_agrees(digits: str):
    # Difference: the oracle counts check digits 00 as 97, which 97 - (n mod 97) never gives.
    theirs = vat.is_valid(digits) and digits[8:] not in ("00", "98", "99")

    assert is_enterprise(digits) == theirs


@given(digits=ten_digits())
def test_an_establishment_number_differs_from_an_enterprise_number_in_its_first_digit(digits: str):
    moved = f"{2 + int(digits[0]) % 7}{digits[1:8]}"
    number = EstablishmentNumber(f"{moved}{97 - int(moved) % 97:02d}")

    with pytest.raises(WrongNumber, match="first digit"):
        EnterpriseNumber(number.digits)


@pytest.mark.parametrize("digits", ["924464063", "9244640631", "2244640631", "224464063a"])
def test_other_digits_are_no_establishment_number(digits: str):
    with pytest.raises(WrongNumber):
        EstablishmentNumber(digits)


@pytest.mark.parametrize("number", [100006, 199999934, 5000000120, 5999999989])
def test_the_published_bounds_of_employer_numbers_fit_the_derived_rule(number: int):
    digits = f"{number:010d}"

    assert nsso_check(int(digits[:8])) == int(digits[8:])


def test_an_employer_number_that_does_not_fit_is_told_and_not_refused():
    assert NssoNumber("0000100006").fits
    assert not NssoNumber("0000100007").fits
    assert NssoNumber("5100000000") is not None


@pytest.mark.parametrize("digits", ["000010000", "1000100006", "5000000120", "x000100006"])
def test_an_employer_number_starts_with_0_or_51(digits: str):
    with pytest.raises(WrongNumber):
        NssoNumber(digits)


def test_an_employer_check_that_would_be_minus_one_is_97():
    heads = [head for head in range(1, 98) if head * 100 % 97 == 0]

    assert [nsso_check(head) for head in heads] == [96]
    assert {nsso_check(head) for head in range(1, 98)} == set(range(97))
