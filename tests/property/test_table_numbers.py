"""A column of numbers is judged as each number alone: two engines, one rule."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from kruispunt.directory.loading.table import check_rows
from kruispunt.vocabulary import Ssin, WrongNumber, check_digits


def a_head(year: int, month: int, day: int, counter: int) -> int:
    return year * 10_000_000 + month * 100_000 + day * 1_000 + counter


HEADS = st.builds(
    a_head,
    st.sampled_from((0, 1, 4, 23, 24, 99)),
    st.integers(0, 60),
    st.sampled_from((0, 1, 28, 29, 30, 31, 32)),
    st.sampled_from((0, 1, 998, 999)),
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Numbers that are right or almost, and other things that stand in such columns."""
    head = draw(HEADS)
    wrong = draw(st.integers(0, 3)) == 0
    check = (
        draw(st.integers(0, 99)) if wrong else check_digits(head, from_2000=draw(st.booleans()))
    )
    number = f"{head:09d}{check:02d}"
    return draw(
        st.sampled_from((number,) * 8 + (number[1:], number + "0", "x" * 11, "\u0663" * 11))
    )


def is_right(text: str) -> bool:
    try:
        Ssin(text)
    except WrongNumber:
        return False
    return True


@given(st.lists(texts(), min_size=1, max_size=50))
def test_a_column_is_judged_as_each_of_its_numbers(given_texts: list[str]):
    frame = pl.DataFrame(
        {"ssin": given_texts, "sector": "5", "quality": "1", "begin": "2020-01-01"}
    )

    batch = check_rows(frame, first=1, names_members=False)

    bad = {row.number for row in batch.bad}
    assert [n + 1 not in bad for n in range(len(given_texts))] == list(map(is_right, given_texts))
