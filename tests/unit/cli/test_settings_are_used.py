"""A setting that no process reads is a lie: each is read somewhere, and described."""

import re
from pathlib import Path

import msgspec
import pytest

from kruispunt.cli.settings import Group, Settings, describe_settings


def _table(name: str) -> Group:
    table = getattr(Settings(), name)
    assert isinstance(table, Group)
    return table


SOURCE = Path(__file__).parents[3] / "src" / "kruispunt"
FIELDS = [
    (group.name, field.name)
    for group in msgspec.structs.fields(Settings)
    for field in msgspec.structs.fields(_table(group.name))
]


def readers(name: str) -> list[str]:
    """Modules outside of the settings that read an attribute of that name."""
    read = re.compile(rf"\.{name}\b")
    return [
        path.name
        for path in SOURCE.rglob("*.py")
        if path.name != "settings.py" and read.search(path.read_text("utf-8"))
    ]


@pytest.mark.parametrize(("group", "name"), FIELDS)
def test_every_setting_is_read_by_a_process(group: str, name: str):
    assert readers(name), f"{group}.{name}"


def test_every_setting_says_what_it_does():
    rows = list(describe_settings())

    assert len(rows) == len(FIELDS)
    assert all(row.description.endswith(".") for row in rows)
