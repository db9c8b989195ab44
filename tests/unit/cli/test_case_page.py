"""A case in a terminal: readable at eighty columns, and with room for paragraphs beside it."""

from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console
from tests.unit.circuits.benefits.played import ACME, consulted

from kruispunt.circuits import Filed, told
from kruispunt.cli.case_page import cases_table, show_case
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


def test_paragraphs_stand_beside_the_steps_where_there_is_room():
    (first, *_) = (line for line in shown(120).splitlines() if "risk declared" in line)

    assert first.rstrip().endswith("05/022 §5(1)")
