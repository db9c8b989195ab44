"""Valid numbers in whole columns: the vocabulary's rules, looked up by remainder."""

from typing import Final

import numpy as np

from kruispunt.people.chance import Chance, Flags, Ints
from kruispunt.vocabulary import (
    BIS_SEX_KNOWN,
    BIS_SEX_UNKNOWN,
    MODULUS,
    check_digits,
    nsso_check,
)

# INVARIANT: each rule depends on its head only modulo 97, so a table of 97 rows is the whole rule.
CHECK: Final = np.array([check_digits(r) for r in range(MODULUS)], dtype=np.int64)
CHECK_FROM_2000: Final = np.array(
    [check_digits(r, from_2000=True) for r in range(MODULUS)], dtype=np.int64
)
NSSO_CHECK: Final = np.array([nsso_check(r) for r in range(MODULUS)], dtype=np.int64)

COUNTERS: Final = 499
"""Day counters of one sex on one day: 001, 003 … 997 and 002, 004 … 998. A prime."""

STEP: Final = 37


class NumbersExhausted(ValueError):
    """More people of one sex were born on one day than the number has counters for."""


def person_numbers(
    chance: Chance, *, year: Ints, month: Ints, day: Ints, female: Flags, bis: Ints
) -> Ints:
    """Different valid numbers of persons; month or day 0 where the birth date is incomplete.

    `bis` is 0 for a National Register number, else what is added to the month. The order of issue
    within a day is scattered, since real counters are.

    Raises:
        NumbersExhausted: more than 499 of one sex on one day.
    """
    printed = ((year % 100) * 100 + month + bis) * 100 + day
    group = (printed + (year // 100) * 1_000_000) * 2 + female
    rank = _rank_in(group)
    if rank.size and int(rank.max()) >= COUNTERS:
        raise NumbersExhausted("expected at most 499 births of one sex on one day")
    offset = group * 7_919 + chance.seed
    counter = (rank * STEP + offset) % COUNTERS * 2 + 1 + female
    head = printed * 1000 + counter
    check = np.where(year >= 2000, CHECK_FROM_2000[head % MODULUS], CHECK[head % MODULUS])
    return head * 100 + check


def bis_months(*, bis: Flags, sex_unknown: Flags) -> Ints:
    """What is added to the month of birth."""
    return np.where(bis, np.where(sex_unknown, BIS_SEX_UNKNOWN, BIS_SEX_KNOWN), 0)


def ten_digit_numbers(heads: Ints) -> Ints:
    """Numbers of enterprises or establishment units from their first eight digits."""
    return heads * 100 + CHECK[heads % MODULUS]


def nsso_numbers(heads: Ints) -> Ints:
    """Registration numbers of employers from their first eight digits."""
    return heads * 100 + NSSO_CHECK[heads % MODULUS]


def _rank_in(group: Ints) -> Ints:
    """For each row how many rows before it belong to the same group."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    starts = np.r_[True, ordered[1:] != ordered[:-1]] if group.size else np.zeros(0, np.bool_)
    first = np.maximum.accumulate(np.where(starts, np.arange(group.size), 0))
    rank = np.empty(group.size, dtype=np.int64)
    rank[order] = np.arange(group.size) - first
    return rank
