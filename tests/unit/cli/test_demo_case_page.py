"""How the demonstration tells the one-time file: steps, persons followed, and what is wrong."""

import pytest
from rich.console import Console
from rich.table import Table

from kruispunt.cli.demo_case_page import trail_table
from kruispunt.cli.story import Noted
from kruispunt.vocabulary import InstitutionCode

INSURER, NODE, HUB, BEYOND = map(InstitutionCode, ("CM", "NIC", "KSZ", "RVA"))
GROUND = "05/022 §7.4, §42-44"


def noted(at: InstitutionCode, consumer: InstitutionCode, **said: object) -> Noted:
    told = Noted(at=at, consumer=consumer, granted=True, paragraph=GROUND)
    for name, value in said.items():
        setattr(told, name, value)
    return told


WAY = [
    noted(NODE, INSURER, outcome="forwarded", rows=2),
    noted(HUB, NODE, outcome="forwarded", rows=1),
    noted(BEYOND, NODE, outcome="given", rows=1, again=True),
    noted(HUB, NODE, granted=False, reason="no-file"),
    noted(NODE, INSURER, outcome=None),
    noted(NODE, INSURER, outcome="failed", cause="late"),
]


def shown(table: Table, width: int) -> list[str]:
    console = Console(width=width, highlight=False)
    with console.capture() as caught:
        console.print(table)
    return caught.get().splitlines()


@pytest.mark.parametrize(("width", "wide"), [(80, False), (100, True)])
def test_each_hop_says_who_asked_what_became_of_it_and_by_which_paragraph(width: int, wide: bool):
    lines = shown(trail_table(WAY, wide=wide), width)

    text = " ".join(" ".join(lines).split())
    assert max(map(len, lines)) <= width
    assert text.count(GROUND) == len(WAY)
    for said in (
        "CM asks: granted, then forwarded, 2 answers to expect",
        "NIC asks: granted, then forwarded, 1 answer to expect",
        "an answer for NIC: granted, then given, 1 row",
        "NIC asks: refused (no-file)",
        "CM asks: granted, then may have been given",
        "CM asks: granted, then failed (late)",
    ):
        assert said in " ".join(
            part for line in lines for part in line.replace(GROUND, "").split()
        )


def test_what_nobody_asked_for_is_told_otherwise():
    (_, line, *_) = shown(trail_table(WAY[1:2], first="a record for {}", wide=True), 120)

    assert "a record for NIC: granted" in line
