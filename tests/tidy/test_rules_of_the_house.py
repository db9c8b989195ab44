"""The house keeps its own rules, and each rule can fail."""

import gc
from collections.abc import Generator

import pytest
from tests.tidy.house import Module, Rule, modules
from tests.tidy.promises import PROMISES, REVEALS, reveals
from tests.tidy.shape import SHAPE
from tests.tidy.words import WORDS

RULES = (*SHAPE, *PROMISES, *WORDS)


@pytest.fixture(scope="module")
def house() -> Generator[list[Module]]:
    # The trees hold no circles: to look for some takes longer than to parse them.
    gc.disable()
    yield list(modules())
    gc.enable()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_house_keeps_the_rule_that(rule: Rule, house: list[Module]) -> None:
    assert rule.broken_by(iter(house)) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_module_that_breaks_it_is_seen_by_the_rule_that(rule: Rule) -> None:
    assert list(rule.check(rule.bad.module)) != []
    assert list(rule.check(rule.good.module)) == []


def test_every_module_that_may_reveal_a_number_still_does(house: list[Module]) -> None:
    revealing = {one.dotted for one in house if one.in_source and any(reveals(one))}

    assert sorted(set(REVEALS) - revealing) == []


def test_every_leave_to_reveal_a_number_gives_its_reason() -> None:
    assert [place for place, why in REVEALS.items() if len(why.split()) < 3] == []
