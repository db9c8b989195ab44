"""Every case beside the law holds."""

import pytest

from kruispunt.authorisation import try_case
from kruispunt.law import Case, read_law

LAW = read_law()


@pytest.mark.parametrize("case", LAW.cases, ids=lambda case: case.name)
def test_the_case_holds(case: Case) -> None:
    trial = try_case(case, LAW.lawbook)

    assert trial.differences == ()


def test_every_clause_is_tried_both_ways() -> None:
    tried = {(case.clause, case.refusal is None) for case in LAW.cases}

    assert tried == {(one.id, way) for one in LAW.lawbook.clauses for way in (True, False)}
