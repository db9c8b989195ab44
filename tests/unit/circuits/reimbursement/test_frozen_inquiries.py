"""What was once stored of an inquiry decodes for ever; fields may be added, never taken away."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
import pytest
from tests.unit.circuits.reimbursement.inquiring import PERSON

from kruispunt.circuits import benefits as b
from kruispunt.circuits import reimbursement as r
from kruispunt.law import Unit
from kruispunt.vocabulary import FlowId, LawDigest, Period

FOLDER: Final = Path(__file__).parents[3] / "golden" / "frozen" / "inquiries"
AT: Final = datetime(2024, 11, 15, 9, tzinfo=UTC)
RULES: Final = r.InquiryRules(
    law=LawDigest("law"),
    zone="Europe/Brussels",
    flow=FlowId("flow"),
    delays=r.InquiryDelays(retry_minutes=15, attempts=3, unemployment_days=30, late_days=30),
    values={
        "amount": (r.Dated(period=Period(date(2024, 1, 1)), unit=Unit.CENTS, whole=2_755_086),),
        "codes": (r.Dated(period=Period(date(2024, 1, 1)), unit=Unit.CODES, codes=("A", "B")),),
    },
)
EVERYTHING: Final[dict[str, Any]] = {
    "inquiry-begun-applied": r.InquiryBegun(
        id=UUID(int=1),
        at=AT,
        person=PERSON,
        begun=r.Applied(
            on=date(2024, 11, 15),
            household=2,
            basis=r.Basis.PAST_YEAR,
            incomes=(r.Income(taxed_cents=100, deducted_cents=1),),
            has_unemployment=True,
        ),
        rules=RULES,
    ),
    "inquiry-begun-noticed": r.InquiryBegun(
        id=UUID(int=2),
        at=AT,
        person=PERSON,
        begun=r.Noticed(
            on=date(2024, 11, 15),
            has_right=True,
            single_since=date(2024, 1, 1),
            replaced_by=r.Replacement.UNEMPLOYMENT,
            replaced_since=date(2024, 2, 1),
            has_company_supplement=False,
            is_fully_unemployed=True,
            incomes=(r.Income(taxed_cents=5),),
        ),
        rules=RULES,
    ),
    "inquiry-rules-changed": r.InquiryRulesChanged(id=UUID(int=7), at=AT, rules=RULES),
    "income-proved": r.IncomeProved(
        id=UUID(int=3), at=AT, action=UUID(int=4), unemployment=r.Income(taxed_cents=1)
    ),
    "inquire-unemployment": r.InquireUnemployment(
        id=UUID(int=5),
        paragraph="05/022 §6",
        flow=FlowId("flow"),
        purpose=r.ON_REQUEST,
        person=PERSON,
        about=Period(date(2024, 11, 15), date(2024, 11, 16)),
        message_id=UUID(int=6),
    ),
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_frozen_form_is_what_is_stored_today(name: str) -> None:
    then, one = (FOLDER / f"{name}-v1.json").read_bytes(), EVERYTHING[name]

    assert msgspec.json.decode(then, type=one.__class__) == one


def test_inquiries_and_declared_risks_share_words_and_no_names() -> None:
    own = {b.tag_of(one) for one in EVERYTHING.values()}
    others = {path.stem.removesuffix("-v1") for path in FOLDER.parent.glob("circuits/*.json")}

    assert own.isdisjoint(others)
