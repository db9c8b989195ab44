"""What was once stored of a case decodes for ever; fields may be added, never taken away."""

from pathlib import Path
from typing import Any, Final, cast, get_args

import msgspec
import pytest
from tests.unit.circuits.benefits.stored import everything

from kruispunt.circuits import benefits as b

FOLDER: Final = Path(__file__).parents[3] / "golden" / "frozen" / "circuits"
FORMS: Final[dict[str, type[Any]]] = {
    str(form.__struct_config__.tag): form for form in (*get_args(b.Event), *get_args(b.Action))
}
FILES: Final = sorted(FOLDER.glob("*.json"))


def holds(now: object, then: object) -> bool:
    """True where everything that stood there then still stands there."""
    if isinstance(then, dict) and isinstance(now, dict):
        later = cast("dict[str, object]", now)
        earlier = cast("dict[str, object]", then)
        return all(key in later and holds(later[key], value) for key, value in earlier.items())
    if isinstance(then, list) and isinstance(now, list):
        pairs = zip(cast("list[object]", now), cast("list[object]", then), strict=True)
        return all(holds(one, other) for one, other in pairs)
    return now == then


def test_there_is_a_frozen_file_for_every_event_and_action() -> None:
    assert {path.stem.removesuffix("-v1") for path in FILES} == set(FORMS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_frozen_form_still_says_what_it_said(path: Path) -> None:
    then = path.read_bytes()
    form = FORMS[path.stem.removesuffix("-v1")]

    now = msgspec.json.decode(then, type=form)

    assert holds(msgspec.json.decode(msgspec.json.encode(now)), msgspec.json.decode(then))


@pytest.mark.parametrize("one", everything(), ids=b.tag_of)
def test_a_frozen_form_is_what_is_stored_today(one: b.Event | b.Action) -> None:
    path = FOLDER / f"{b.tag_of(one)}-v1.json"

    assert msgspec.json.decode(path.read_bytes(), type=FORMS[b.tag_of(one)]) == one


def test_a_field_that_is_gone_is_seen() -> None:
    assert not holds({"a": 1}, {"a": 1, "b": 2})
    assert holds({"a": 1, "b": 2}, {"a": 1})
