"""The description of the door: valid OpenAPI, made of the law, silent on what is not offered."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from kruispunt.gateway import WORDS, openapi
from kruispunt.law import Clause, Supply, ValueType, read_lawbook

LAWBOOK = read_lawbook()
DESCRIPTION: dict[str, Any] = json.loads(msgspec.json.encode(openapi(LAWBOOK, base_url="/hub")))
NO_LOOKS = (Supply.SEARCH, Supply.INTEGRATION)
AT_ONCE = (Supply.STATION, Supply.DIRECTORY)
OFFERED = [flow for flow in LAWBOOK.flows.values() if flow.supply in AT_ONCE]
ALONE = (*AT_ONCE, Supply.BY_DIRECTORY, Supply.SEARCH)
ASKED = [flow for flow in LAWBOOK.flows.values() if flow.supply in ALONE]


def schemas() -> Mapping[str, Any]:
    return DESCRIPTION["components"]["schemas"]


def test_the_description_is_valid_openapi_3_1():
    OpenAPIV31SpecValidator(DESCRIPTION).validate()

    assert DESCRIPTION["openapi"].startswith("3.1")


def test_a_validator_that_never_complains_would_not_do():
    broken = {name: DESCRIPTION[name] for name in DESCRIPTION if name != "info"}

    assert list(OpenAPIV31SpecValidator(broken).iter_errors())


def test_every_flow_that_is_asked_has_a_path():
    paths = {path for path in DESCRIPTION["paths"] if path.startswith("/v1/ask/")}

    assert paths == {f"/v1/ask/{flow.id}" for flow in ASKED}
    assert len(ASKED) < len(LAWBOOK.flows), "a file is sent, an integration is no question"


def test_a_flow_that_is_answered_by_mail_is_accepted_and_says_which_details_it_takes():
    post = DESCRIPTION["paths"]["/v1/ask/L500"]["post"]
    asked = post["requestBody"]["content"]["application/json"]["schema"]["allOf"][1]
    details = asked["properties"]["details"]["properties"]

    assert "200" not in post["responses"]
    assert post["responses"]["202"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/AcceptedReply"
    }
    assert set(details) == {
        "eid_card_number",
        "insurability_only",
        "risk_begin_date",
        "risk_type",
    }
    assert "maternity-rest" in details["risk_type"]["enum"]
    assert details["risk_begin_date"]["format"] == "date"
    assert "required for asr-benefits" in details["risk_begin_date"]["description"]
    assert "/v1/mail" in DESCRIPTION["paths"]


def test_a_search_says_what_it_is_told():
    post = DESCRIPTION["paths"]["/v1/ask/person.search"]["post"]
    asked = post["requestBody"]["content"]["application/json"]["schema"]["allOf"][1]

    assert asked["required"] == ["details"]
    assert asked["properties"]["details"]["required"] == ["birth_date", "last_name"]


def test_every_other_resource_of_the_door_is_described():
    verbs = {path: {*found} for path, found in DESCRIPTION["paths"].items()}

    assert {path: verbs[path] for path in verbs if not path.startswith("/v1/ask")} == {
        "/v1/lines/repertory.integrate": {"post"},
        "/v1/mail": {"post"},
        "/v1/mailbox": {"get"},
        "/v1/mailbox/acknowledge": {"post"},
        "/v1/mailbox/dead": {"post"},
        "/v1/trail/person": {"post"},
        "/v1/trail/institution": {"post"},
        "/v1/trail/all": {"post"},
        "/v1/trail/checkpoint": {"get"},
        "/v1/trail/expired": {"get"},
        "/v1/trail/tile/{path}": {"get", "parameters"},
        "/health": {"get"},
    }


def test_every_offered_flow_may_be_asked_about_many_and_told_as_of_one():
    paths = {path for path in DESCRIPTION["paths"] if path.startswith("/v1/ask-many/")}

    assert paths == {f"/v1/ask-many/{flow.id}" for flow in OFFERED}
    for flow in OFFERED:
        alone, many = (
            DESCRIPTION["paths"][f"/v1/{door}/{flow.id}"]["post"] for door in ("ask", "ask-many")
        )
        answer = alone["responses"]["200"]["content"]["application/json"]["schema"]
        answers = many["responses"]["200"]["content"]["application/json"]["schema"]["allOf"][1]
        told = answers["properties"]["answers"]["items"]["allOf"][1]
        assert told["properties"]["answer"] == answer
        assert {**many["responses"], "200": None} == {**alone["responses"], "200": None}


def test_a_request_of_many_is_described_with_its_limit():
    questions = schemas()["AskManyRequest"]["properties"]["questions"]

    assert (questions["minItems"], questions["maxItems"]) == (1, 1000)


def test_the_description_says_which_law_it_was_made_of():
    assert DESCRIPTION["info"]["x-lawbook"] == LAWBOOK.digest
    assert DESCRIPTION["servers"] == [{"url": "/hub"}]


@pytest.mark.parametrize(
    "clause",
    [one for one in LAWBOOK.clauses if LAWBOOK.flows[one.flow].supply not in NO_LOOKS],
    ids=lambda clause: clause.id,
)
def test_every_granted_field_is_described_with_its_words_and_paragraph(clause: Clause):
    flow = LAWBOOK.flows[clause.flow]
    row = schemas()[f"Row.{flow.id}"]

    assert row["additionalProperties"] is False
    for name in clause.ground.fields:
        (field,) = [one for one in flow.fields if one.name == name]
        group, _, inside = name.rpartition(".")
        within = row["properties"][group]["items"] if group else row
        described = within["properties"][inside]
        assert described["description"].startswith(field.terms["en"])
        assert field.paragraph in described["description"]
        may_be_null = not field.required and field.type is not ValueType.GROUP
        assert ("null" in described["type"]) is may_be_null


def test_a_refusal_is_described_with_every_word_that_can_be_told():
    words = DESCRIPTION["components"]["responses"]["Problem403"]["description"]

    assert all(f"`{reason}` ({told})" in words for reason, told in WORDS.items())


def test_every_way_to_fail_is_described():
    for flow in OFFERED:
        told = DESCRIPTION["paths"][f"/v1/ask/{flow.id}"]["post"]["responses"]
        assert set(told) >= {"200", "400", "401", "403", "404", "409", "413", "502", "503"}


def test_every_type_of_value_can_be_described():
    used = {field.type for flow in LAWBOOK.flows.values() for field in flow.fields}

    assert used <= set(ValueType)
    for flow in OFFERED:
        properties = schemas()[f"Row.{flow.id}"]["properties"]
        assert [*properties] == [field.name for field in flow.fields]
