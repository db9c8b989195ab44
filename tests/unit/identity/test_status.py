from datetime import date

import pytest

from kruispunt.identity import WrongChange
from kruispunt.identity.status import (
    KNOWN,
    UNKNOWN,
    after_cancel,
    after_decease,
    after_register,
    after_replace,
    check_replace,
)
from kruispunt.vocabulary import NumberFact, NumberStatus, Ssin

ANNA, BORIS, CARLA = Ssin("85073003328"), Ssin("17073003384"), Ssin("98472899765")
DAY = date(2031, 1, 1)
CANCELLED = NumberFact(status=NumberStatus.CANCELLED)
DECEASED = NumberFact(status=NumberStatus.DECEASED, deceased_on=DAY)
REPLACED = NumberFact(status=NumberStatus.REPLACED, successor=CARLA)


def test_a_number_is_given_out_once():
    assert after_register(UNKNOWN) == KNOWN
    for fact in (KNOWN, CANCELLED, DECEASED, REPLACED):
        with pytest.raises(WrongChange):
            after_register(fact)


@pytest.mark.parametrize("fact", [KNOWN, DECEASED])
def test_a_number_in_use_leads_to_the_end_of_the_chain(fact: NumberFact):
    assert after_replace(fact, successor=BORIS, successor_now=KNOWN).successor == BORIS
    assert after_replace(fact, successor=BORIS, successor_now=REPLACED).successor == CARLA


@pytest.mark.parametrize("fact", [UNKNOWN, CANCELLED, REPLACED])
def test_a_number_that_is_not_in_use_is_not_replaced(fact: NumberFact):
    with pytest.raises(WrongChange):
        after_replace(fact, successor=BORIS, successor_now=KNOWN)


@pytest.mark.parametrize("fact", [UNKNOWN, CANCELLED])
def test_a_successor_is_in_use(fact: NumberFact):
    with pytest.raises(WrongChange):
        after_replace(KNOWN, successor=BORIS, successor_now=fact)


@pytest.mark.parametrize("fact", [UNKNOWN, CANCELLED, DECEASED, REPLACED])
def test_only_a_known_number_is_cancelled(fact: NumberFact):
    assert after_cancel(KNOWN) == CANCELLED
    with pytest.raises(WrongChange):
        after_cancel(fact)


def test_the_day_of_decease_may_be_corrected():
    assert after_decease(KNOWN, deceased_on=DAY) == DECEASED
    assert after_decease(DECEASED, deceased_on=date(2031, 1, 2)).deceased_on == date(2031, 1, 2)
    for fact in (UNKNOWN, CANCELLED, REPLACED):
        with pytest.raises(WrongChange):
            after_decease(fact, deceased_on=DAY)


def test_no_number_leads_back_to_itself():
    with pytest.raises(WrongChange):
        check_replace(ANNA, ANNA, KNOWN)
    with pytest.raises(WrongChange):
        check_replace(CARLA, BORIS, REPLACED)
    check_replace(ANNA, BORIS, REPLACED)
