"""Migrations keep their names, their numbers, and what they said when they were frozen."""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from tests.tidy.house import ROOT, SOURCE

MIGRATIONS: Final = ROOT / "migrations"
FROZEN: Final = Path(__file__).with_name("frozen_migrations.sha256")
NAME: Final = re.compile(
    r"(?P<number>\d{4})_(?P<room>[a-z]+)_(?P<verb>[a-z]+)_(?P<noun>[a-z_]+)\.sql"
)


def wrong_names(names: Iterable[str], rooms: Iterable[str]) -> list[str]:
    """Names not of the form `0001_directory_create_line.sql`, or with the number of another."""
    known, seen, wrong = set(rooms), set[str](), list[str]()
    for name in names:
        found = NAME.fullmatch(name)
        if not found or found["room"] not in known or found["number"] in seen:
            wrong.append(name)
        seen.add(name[:4])
    return wrong


def changed(frozen: str, present: Mapping[str, str]) -> list[str]:
    """Frozen migrations that are gone or say something else now."""
    lines = (line.split() for line in frozen.splitlines())
    return [name for digest, name in lines if present.get(name) != digest]


def present() -> dict[str, str]:
    files = sorted(MIGRATIONS.glob("*.sql"))
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in files}


def test_every_migration_is_named_for_its_number_room_verb_and_noun() -> None:
    rooms = [path.name for path in (ROOT / SOURCE).iterdir() if path.is_dir()]

    assert wrong_names(sorted(present()), rooms) == []


def test_a_wrong_name_is_seen() -> None:
    names = ["0001_audit_create_entry.sql", "0001_audit_add_leaf.sql", "2_audit_x.sql"]

    assert wrong_names([*names, "0003_attic_create_box.sql"], ["audit"]) == [
        "0001_audit_add_leaf.sql",
        "2_audit_x.sql",
        "0003_attic_create_box.sql",
    ]


def test_a_frozen_migration_never_changes() -> None:
    assert changed(FROZEN.read_text(encoding="utf-8"), present()) == []


def test_every_migration_is_frozen() -> None:
    names = {line.split()[1] for line in FROZEN.read_text(encoding="utf-8").splitlines()}

    assert sorted(set(present()) - names) == [], "freeze it: make golden"


def test_a_change_to_a_frozen_migration_is_seen() -> None:
    assert changed("aa  1.sql\nbb  2.sql\ncc  3.sql\n", {"1.sql": "aa", "2.sql": "b0"}) == [
        "2.sql",
        "3.sql",
    ]
