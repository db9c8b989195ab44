"""Increased reimbursement at a real insurer: asked for, looked into, decided (05/022 §6)."""

import json
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from tests.acceptance.standing import House, a_standing_house, kruispunt, now

PEOPLE, SEED = 2000, 3  # among whom somebody is paid by two institutions
ON_REQUEST: Final = "increased-reimbursement-request"
EX_OFFICIO: Final = "increased-reimbursement-ex-officio"
LOOKS: Final = """
select p.content as purpose, count(*) as n
from audit.decision d
join audit.term p on p.id = d.purpose
where d.repeats is null group by 1
"""
ANSWERS: Final = """
select convert_from(e.body, 'UTF8')::jsonb -> 'rows' as rows
from circuits.event e
where convert_from(e.body, 'UTF8')::jsonb ->> 'type' = 'unemployment-answered'
"""
NEEDED: Final = {
    "full_unemployment_code",
    "scale_code",
    "daily_amount",
    "amount_incl_seniority",
    "igu_gross_previous_month",
    "unemployment_previous_month",
}


@pytest.fixture(scope="module")
def house() -> Generator[House]:
    with a_standing_house(workers=1, people=PEOPLE, seed=SEED) as house:
        yield house
        assert house.numbers_in_logs() == []


def case(house: House, *words: str, stdin: str = "") -> Any:
    """A command about cases of the insurer, in JSON."""
    state = str(house.place.state)
    done = kruispunt(
        "case", *words, "--as", house.insurer, "--json", "--state", state, stdin=stdin
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


async def looks(house: House) -> dict[str, int]:
    """Questions that came to the hub, by purpose."""
    rows = await house.fetch(house.hub, LOOKS)
    return {str(row["purpose"]).strip('"'): int(str(row["n"])) for row in rows}


async def test_who_applies_is_told_after_every_payment_institution_answered(house: House):
    person = house.persons["unemployed"].ssin.digits
    on = str(house.persons["unemployed"].begin)

    (told,) = case(
        house, "apply", "--ssin", "-", "--unemployed", "--on", on, "--wait", "30", stdin=person
    )

    head, steps = told["head"], told["steps"]
    assert (head["kind"], head["stage"], head["risk"]) == ("reimbursement", "closed", "on-request")
    assert head["unemployment"] == "complete: 1 of 1"
    assert head["ending"] in {"granted", "not-granted"}
    (decided,) = steps[-1]["wants"]
    assert decided["what"] == "decide"
    assert decided["cents"] > 0
    assert decided["paragraph"].startswith("05/022 §2.2, §6(1)")
    assert all(step["paragraph"] for step in steps)
    assert person not in json.dumps(told)
    assert (await looks(house))[ON_REQUEST] == 1
    stored = await house.fetch(house.insurer, ANSWERS)
    rows = [row for one in stored for row in json.loads(str(one["rows"]))]
    assert rows
    assert {name for row in rows for name in row} <= NEEDED


async def test_where_the_income_decides_alone_nobody_is_asked(house: House):
    person = house.persons["unemployed"].ssin.digits
    before = await looks(house)

    (told,) = case(
        house, "apply", "--ssin", "-", "--unemployed", "--income", "90000", stdin=person
    )

    assert (told["head"]["ending"], told["head"]["unemployment"]) == ("not-granted", "not-needed")
    assert await looks(house) == before


async def test_an_insurer_looks_at_its_members_once_each_though_it_broke_off(
    house: House, tmp_path: Path
):
    stories = ("unemployed", "two-payers", "full-time")
    lines = [
        {"ssin": house.persons[story].ssin.digits, "ownFiles": own}
        for story, own in zip(stories, (_jobless(), _jobless(), {}), strict=True)
    ]
    members = tmp_path / "members.jsonl"
    members.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    members.chmod(0o600)
    before = (await looks(house)).get(EX_OFFICIO, 0)

    opened = case(house, "inquire", str(members))
    notes = members.with_name("members.jsonl.run")
    first, *done = notes.read_text("utf-8").splitlines()
    notes.write_text("\n".join([first, *done[:1], ""]), "utf-8")
    again = case(house, "inquire", str(members))

    assert [one["line"] for one in opened] == [1, 2, 3]
    assert [one["case"] for one in again] == [one["case"] for one in opened[1:]]
    assert opened[2]["ending"] == "not-granted"
    ended = [ending(house, one["case"]) for one in opened]
    assert set(ended) <= {"granted", "not-granted", "unanswered"}
    assert (await looks(house))[EX_OFFICIO] - before == 2
    assert notes.stat().st_mode & 0o077 == 0


def ending(house: House, id_: str) -> str:
    """How a case ended, once it did."""
    case(house, "follow", id_)
    (told,) = case(house, "show", id_)
    return str(told["head"]["ending"])


def _jobless() -> dict[str, str]:
    """What the insurer's own files say of who has been single and unemployed for long."""
    long_ago = str(now().date() - timedelta(days=200))
    return {"singleSince": long_ago, "replacedBy": "unemployment", "replacedSince": long_ago}
