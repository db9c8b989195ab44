"""The description of the door of cases says what that door has."""

from typing import Any, cast

from kruispunt.client import (
    ACKNOWLEDGE_PATH,
    ANSWERS_PATH,
    CASES_PATH,
    DEAD_PATH,
    DECLARATIONS_PATH,
    MAILBOX_PATH,
    TAKE_PATH,
)
from kruispunt.gateway import openapi_cases


def references(found: object) -> set[str]:
    if isinstance(found, dict):
        inside = cast(dict[str, Any], found)
        own = {inside["$ref"]} if isinstance(inside.get("$ref"), str) else set[str]()
        return own.union(*(references(one) for one in inside.values()))
    if isinstance(found, list):
        return set[str]().union(*(references(one) for one in cast(list[object], found)))
    return set()


def test_every_path_and_verb_of_the_door_is_described():
    paths = openapi_cases()["paths"]

    verbs = {path: set(found) - {"parameters"} for path, found in paths.items()}
    assert verbs == {
        CASES_PATH: {"get", "post"},
        CASES_PATH + "/{case}": {"get"},
        CASES_PATH + "/{case}/events": {"get", "post"},
        DECLARATIONS_PATH: {"post"},
        ANSWERS_PATH: {"get"},
        TAKE_PATH: {"post"},
        MAILBOX_PATH: {"get"},
        ACKNOWLEDGE_PATH: {"post"},
        DEAD_PATH: {"post"},
    }


def test_every_reference_leads_somewhere():
    described = openapi_cases()

    for reference in references(described):
        place: Any = described
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place, reference


def test_no_parameter_holds_the_number_of_a_person():
    paths = openapi_cases()["paths"]

    names = {
        parameter["name"]
        for found in paths.values()
        for one in (found, *(found[verb] for verb in ("get", "post") if verb in found))
        for parameter in one.get("parameters", ())
    }
    assert names == {"after", "limit", "open", "wait", "case", "Last-Event-ID"}
