"""What an attacker learns from times: a real shift is found, and where there is none, nothing."""

from random import Random

import pytest
from bench.telltale_stats import Compared, Pair, Share, compared, found_from, learn, ranked

PAIRS = 2000


def some_pairs(*, shift: float = 0.0, seed: int = 1, size: int = PAIRS) -> list[Pair]:
    """Times as a busy machine has them: mostly near each other, sometimes far away."""
    chance = Random(seed)

    def one() -> float:
        return chance.lognormvariate(2.0, 0.3) + (50.0 if chance.random() < 0.02 else 0.0)

    return [(one(), one() + shift) for _ in range(size)]


def both_ways(pairs: list[Pair]) -> tuple[Compared, Compared]:
    return compared(pairs), compared([(two, one) for one, two in pairs])


@pytest.mark.parametrize("seed", range(8))
def test_equal_samples_tell_nothing(seed: int) -> None:
    found = compared(some_pairs(seed=seed))

    assert not found.tells
    assert found.ranked.p > 0.01
    assert found.ranked.auc == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize("shift", [0.5, -0.5])
def test_a_shift_of_a_fifth_of_the_spread_is_found_whichever_kind_is_slower(shift: float) -> None:
    found = compared(some_pairs(shift=shift))

    assert found.tells
    assert found.ranked.p < 0.001
    assert (found.ranked.auc > 0.5) is (shift > 0)
    assert (found.second > found.first) is (shift > 0)


def test_the_kinds_may_change_places() -> None:
    one, other = both_ways(some_pairs(shift=1.0))

    assert one.alone.share == pytest.approx(other.alone.share, abs=0.002)
    assert one.beside == other.beside
    assert one.ranked.auc == pytest.approx(1 - other.ranked.auc)
    assert one.ranked.p == pytest.approx(other.ranked.p)


def test_what_passes_over_both_kinds_alike_hides_nothing_from_who_sees_them_side_by_side() -> None:
    chance = Random(1)
    noise = [chance.uniform(0, 1000) for _ in range(PAIRS)]

    found = compared([(slow, slow + 1.0) for slow in noise])

    assert not found.alone.tells
    assert found.beside.share == 1.0


def test_what_is_learnt_is_tried_on_others() -> None:
    """A threshold of its own for every value would be right about all that it was learnt from."""
    found = compared(some_pairs(size=200))

    assert found.alone.of == 400
    assert found.beside.of == 200
    assert not found.tells


def test_values_that_are_all_equal_tell_nothing() -> None:
    found = compared([(1.0, 1.0)] * 400)

    assert (found.ranked.auc, found.ranked.p) == (0.5, 1.0)
    assert (found.alone.share, found.beside.share) == (0.5, 0.5)
    assert not found.tells


def test_the_rank_test_is_that_of_the_books() -> None:
    # U = 9 of 9, mean 4.5, variance 9 * 7 / 12, half a rank of continuity: z = 1.7457
    found = ranked([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])

    assert found.auc == 1.0
    assert found.p == pytest.approx(0.0809, abs=0.0001)


def test_ties_count_half_and_narrow_the_variance() -> None:
    # Ranks 1.5 1.5 3 | 4.5 4.5 6; U = 9, two ties of two: variance 0.75 * (7 - 12 / 30) = 4.95
    found = ranked([1.0, 1.0, 2.0], [3.0, 3.0, 4.0])

    assert found.auc == 1.0
    assert found.p == pytest.approx(0.0722, abs=0.0001)
    assert ranked([1.0, 2.0], [2.0, 1.0]).auc == 0.5


@pytest.mark.parametrize(
    ("pairs", "threshold", "above"),
    [
        ([(1.0, 5.0), (2.0, 6.0), (3.0, 2.5)], 2.0, True),
        ([(5.0, 1.0), (6.0, 2.0), (2.5, 3.0)], 2.0, False),
    ],
)
def test_the_best_threshold_of_a_half_is_learnt(
    pairs: list[Pair], threshold: float, *, above: bool
) -> None:
    rule = learn(pairs)

    assert (rule.threshold, rule.above) == (threshold, above)
    assert rule.second(threshold + 1) is above
    assert rule.second(threshold - 1) is not above


def test_the_interval_of_a_share_is_that_of_wilson() -> None:
    low, high = Share(right=50, of=100).bounds

    assert (low, high) == (pytest.approx(0.4038, abs=0.0001), pytest.approx(0.5962, abs=0.0001))
    assert Share(right=0, of=0).bounds == (0.0, 1.0)


def test_it_tells_only_where_the_lower_bound_is_more_than_guessing() -> None:
    assert not Share(right=2080, of=4000).tells
    assert Share(right=2200, of=4000).tells


def test_a_few_lucky_guesses_are_not_said_to_tell() -> None:
    pairs = [(1.0, 2.0)] * 99

    assert not compared(pairs).tells
    assert compared([*pairs, (1.0, 2.0)]).tells


def test_it_is_known_what_a_sample_would_have_shown() -> None:
    pairs = some_pairs()

    least = found_from(pairs)

    assert least is not None
    assert 0.05 < least < 0.6
    assert compared([(one, two + 1.2 * least) for one, two in pairs]).tells
    assert not compared([(one, two + 0.5 * least) for one, two in pairs]).tells


def test_a_few_pairs_would_have_shown_nothing() -> None:
    assert found_from(some_pairs(size=99)) is None
