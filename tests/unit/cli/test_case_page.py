"""A case in a terminal: readable at eighty columns, and with room for paragraphs beside it."""

from datetime import UTC, date, datetime
from io import StringIO
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console
from tests.unit.circuits.benefits.played import ACME, consulted

from kruispunt.circuits import Filed, told
from kruispunt.cli.case_page import cases_table, show_case, steps_table
from kruispunt.client import CaseHead, StepBody
from kruispunt.gateway.case_body import case_body, head_body

ZONE = ZoneInfo("Europe/Brussels")


def shown(width: int) -> str:
    played = consulted()
    filed = Filed(
        case=played.case,
        kind="benefits",
        version=len(played.events),
        opened_at=played.events[0].at,
    )
    console = Console(width=width, file=StringIO(), highlight=False)
    show_case(console, case_body(filed, told(played.case.id, played.events)), zone=ZONE)
    console.print(cases_table([head_body(filed)], zone=ZONE))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [80, 120])
def test_every_step_is_shown_with_its_paragraph_and_who_must_act(width: int):
    lines = shown(width).splitlines()

    text = " ".join(" ".join(lines).split())
    assert max(map(len, lines)) <= width
    assert "risk declared: incapacity, from 2025-03-03" in text
    assert "05/022 §5(3)(b), §13-14" in text
    assert f"send request: electronic to {ACME} (R-ELEC)" in text
    assert any(line.startswith("insured person") and "holder sheet" in line for line in lines)


def test_what_a_case_is_about_is_told_in_words_and_a_ticket_is_never_broken():
    ticket = "01a203de-0d43-7d35-8c3b-51f077d3c9d6"
    step = StepBody(
        n=1,
        at=datetime(2026, 11, 22, tzinfo=UTC),
        party="network",
        what="unemployment-accepted",
        detail=f"ticket {ticket}",
        paragraph="05/022 §6",
    )
    head = CaseHead(
        case=UUID(ticket),
        kind="reimbursement",
        stage="closed",
        risk="on-request",
        begin_date=date(2026, 11, 22),
        opened_at=step.at,
        ending="not-granted",
        steps=1,
        waiting_for=(),
    )
    console = Console(width=80, file=StringIO(), highlight=False)

    console.print(steps_table([step], zone=ZONE, wide=False))
    console.print(cases_table([head], zone=ZONE))

    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert "ticket 01a203de…77d3c9d6" in " ".join(text.split())
    assert "reimbursement" in text
    assert "nobody: not" in text
    assert max(map(len, text.splitlines())) <= 80


def test_paragraphs_stand_beside_the_steps_where_there_is_room():
    (first, *_) = (line for line in shown(120).splitlines() if "risk declared" in line)

    assert first.rstrip().endswith("05/022 §5(1)")
