"""Commands that show or change one person's data leave an entry by the account's name."""

import json

import pytest
from tests.acceptance.standing import House, kruispunt

from kruispunt.cli.operator import account

WRONG = 2


async def readings(house: House) -> list[dict[str, str]]:
    """What an auditor would see of operators, straight from the person's own page of the hub."""
    told = on(house, "audit", "person")
    return [one for one in told["readings"][house.hub] if one["role"] == "operator"]


def on(house: House, *words: str) -> dict[str, dict[str, list[dict[str, str]]]]:
    told = kruispunt(
        *(*words, "--ssin", "-", "--json", "--state", str(house.place.state)),
        stdin=house.persons["full-time"].ssin.digits + "\n",
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


@pytest.mark.parametrize(
    ("words", "why", "reads"),
    [
        (("audit", "list"), (), "audit-list"),
        (("directory", "list"), ("--why", "ticket 12 of the help desk"), "directory-list"),
    ],
)
async def test_a_look_by_command_is_an_entry(
    house: House, words: tuple[str, ...], why: tuple[str, ...], reads: str
):
    before = await readings(house)

    on(house, *words, *why)

    new = (await readings(house))[: -len(before) or None]
    assert [(one["reads"], one["institution"], one["user"]) for one in new] == [
        (reads, house.hub, "")
    ]
    assert new[0]["why"] == (why[1] if why else "operator, no reason given")
    named = await house.fetch(
        house.hub,
        "select count(*) as n from audit.reading where position($1::bytea in encoded) > 0",
        account().encode(),
    )
    assert named[0]["n"] != 0


async def test_nothing_is_shown_where_it_can_not_be_written_down(house: House):
    await house.fetch(
        house.hub, "alter table audit.reading add constraint shut check (false) not valid"
    )
    try:
        for words in (("audit", "list"), ("directory", "list")):
            told = kruispunt(
                *(*words, "--ssin", "-", "--json", "--state", str(house.place.state)),
                stdin=house.persons["full-time"].ssin.digits + "\n",
            )
            assert (told.returncode != 0, told.stdout) == (True, "")
    finally:
        await house.fetch(house.hub, "alter table audit.reading drop constraint shut")


async def test_a_change_by_command_stands_on_the_persons_page(house: House):
    words = ("--sector", "12", "--quality", "77", "--begin", "2020-01-01", "--why", "form 7")
    on(house, "directory", "add", *words)
    on(house, "directory", "end", "--sector", "12", "--quality", "77")

    ended, added = on(house, "audit", "person")["changes"][house.hub][:2]

    assert (ended["made"], added["made"]) == ("de-integration", "integration")
    assert (added["institution"], added["user"], added["why"]) == (house.hub, "", "form 7")
    assert ended["why"] == "operator, no reason given"


async def test_a_reason_of_many_lines_is_refused(house: House):
    told = kruispunt(
        *("audit", "list", "--ssin", "-", "--why", "one\ntwo", "--state", str(house.place.state)),
        stdin=house.persons["full-time"].ssin.digits + "\n",
    )

    assert told.returncode != 0
    assert "one line" in told.stderr + told.stdout
