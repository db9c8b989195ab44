"""`kruispunt ask` and `kruispunt demo`, as scripts call them: exit codes and one JSON object."""

import asyncio
import json
import os
import signal
import subprocess
from typing import Any
from uuid import UUID

import pytest
from tests.acceptance.standing import PEOPLE, SEED, House, holds_a_number, kruispunt

ANSWERED, FAILED, WRONG, REFUSED = 0, 1, 2, 3


def ask(
    house: House,
    story: str = "full-time",
    *more: str,
    flow: str = "L609",
    by: str = "",
    purpose: str = "asr-benefits",
    stdin: str = "",
) -> subprocess.CompletedProcess[str]:
    person = house.persons[story]
    words = ["ask", flow, "--as", by or house.insurer, "--ssin", "-", "--purpose", purpose]
    words += ["--from", f"{person.begin}", "--until", f"{person.until}"]
    state = ["--state", str(house.place.state)]
    return kruispunt(*words, *state, *more, stdin=stdin or person.ssin.digits + "\n")


def test_an_answer_is_one_json_object_and_exit_0(house: House):
    told = ask(house, "full-time", "--json")

    answer = json.loads(told.stdout)
    assert told.returncode == ANSWERED, told.stderr
    assert (answer["outcome"], answer["rows"]) == (
        "given",
        [{"rsz_known": True, "unemployment_known": False}],
    )
    assert {"ticket", "fields", "withheld", "ground", "receipt", "repeated"} <= answer.keys()


def test_no_data_is_exit_0_too(house: House):
    told = ask(house, "never-worked", "--json", flow="dimona.consult")

    assert (told.returncode, json.loads(told.stdout)["outcome"]) == (ANSWERED, "empty")


def test_an_answer_for_people_names_ground_fields_and_ticket(house: House):
    told = ask(house, "part-time", flow="employment.consult")

    assert told.returncode == ANSWERED
    for words in ("05/022", "mean_weekly_hours_worker_q", "withheld: curatorship", "ticket"):
        assert words in told.stdout


@pytest.mark.parametrize(
    ("story", "purpose", "reason"),
    [
        ("unknown", "asr-benefits", "no-file"),
        ("replaced", "asr-benefits", "number-replaced"),
        ("full-time", "increased-reimbursement-request", "no-clause"),
    ],
)
def test_a_refusal_is_exit_3_with_its_reason(house: House, story: str, purpose: str, reason: str):
    told = ask(house, story, "--json", purpose=purpose)

    assert told.returncode == REFUSED, told.stderr
    assert json.loads(told.stdout)["reason"] == reason
    assert told.stderr == ""


def test_a_source_that_is_silent_is_exit_1_with_the_problem(house: House):
    (station,) = [one for one in house.notes() if one.name == "rsz-station"]
    os.kill(station.pid, signal.SIGSTOP)
    try:
        told = ask(house, "full-time", "--json", flow="dimona.consult")
    finally:
        os.kill(station.pid, signal.SIGCONT)

    problem = json.loads(told.stdout)
    assert (told.returncode, problem["status"]) == (FAILED, 503), told.stderr
    assert problem["ticket"]
    asyncio.run(until_given(house, "dimona.consult"))


async def until_given(house: House, flow: str) -> None:
    """Wait until a source that was silent is asked again: it is left alone for a moment."""
    async with asyncio.timeout(20):
        while True:
            reply = await house.ask_raw(house.request(flow=flow))
            if reply.status == 200:
                return
            await asyncio.sleep(0.2)


@pytest.mark.parametrize(("flow", "purpose"), [("nothing", "asr-benefits"), ("L609", "curiosity")])
def test_a_question_that_is_none_is_exit_2_with_the_problem(house: House, flow: str, purpose: str):
    told = ask(house, "full-time", "--json", flow=flow, purpose=purpose)

    assert told.returncode == WRONG
    assert json.loads(told.stdout)["status"] in (400, 404)


def test_a_question_that_is_answered_by_mail_is_told_its_ticket(house: House):
    begin = house.persons["full-time"].begin
    risk = ("--detail", "risk_type=incapacity", "--detail", f"risk_begin_date={begin}")
    told = ask(house, "full-time", "--json", *risk, flow="L500")
    shown = ask(house, "full-time", *risk, flow="L500")
    without = ask(house, "full-time", flow="L500")

    assert (told.returncode, shown.returncode) == (0, 0), told.stderr + shown.stderr
    assert without.returncode == WRONG
    assert "risk_begin_date" in without.stderr + without.stdout
    assert UUID(json.loads(told.stdout)["ticket"]).version == 7
    assert shown.stdout.startswith("accepted under 05/022")


@pytest.mark.parametrize(
    ("by", "stdin"),
    [("", "85073003329"), ("", "\n"), ("", "85073003328 85073003328"), ("NOBODY", "")],
)
def test_what_can_not_be_asked_is_exit_2_without_a_number_in_the_message(
    house: House, by: str, stdin: str
):
    told = ask(house, by=by, stdin=stdin)

    assert told.returncode == WRONG
    assert told.stderr
    assert not holds_a_number(told.stderr + told.stdout)
    assert "Traceback" not in told.stderr


def test_no_number_is_taken_from_a_command_line(house: House):
    person = house.persons["full-time"].ssin.digits
    words = ["--as", house.insurer, "--purpose", "asr-benefits", "--from", "2026-01-01"]

    told = kruispunt("ask", "L609", "--ssin", person, *words, "--state", str(house.place.state))

    assert told.returncode == WRONG
    assert person not in told.stderr + told.stdout


@pytest.fixture(scope="module")
def report(house: House) -> Any:
    state = ["--state", str(house.place.state), "--people", str(PEOPLE), "--seed", str(SEED)]
    told = kruispunt("demo", "--once", "--json", *state, patience_s=420)
    assert told.returncode == ANSWERED, told.stdout + told.stderr
    return json.loads(told.stdout)


def test_the_demonstration_is_one_object_of_people_seconds_and_exchanges(report: Any):
    assert report.keys() >= {"people", "seconds", "exchanges"}
    assert report["people"] == PEOPLE
    assert report["seconds"] > 0
    assert len(report["exchanges"]) >= 16


def test_each_exchange_says_who_asked_what_and_what_came_of_it(report: Any):
    names = {
        "flow", "consumer", "ssin", "outcome", "reason", "clause", "fields", "withheld", "ms",
    }  # fmt: skip
    for exchange in report["exchanges"]:
        assert exchange.keys() >= names
        assert exchange["outcome"] in {"granted", "empty", "refused", "failed"}
        assert exchange["ms"] > 0
        answered = exchange["outcome"] in {"granted", "empty"}
        assert (exchange["reason"] is None) is answered
        assert (exchange["clause"] is not None) is answered
        assert bool(exchange["fields"]) is answered
        assert exchange["faults"] == []


def test_the_demonstration_tells_all_that_the_law_can_make_of_a_question(report: Any):
    told = {(one["outcome"], one["reason"]) for one in report["exchanges"]}

    assert told >= {
        ("granted", None),
        ("empty", None),
        ("refused", "no-file"),
        ("refused", "no-clause"),
        ("refused", "number-replaced"),
        ("refused", "number-cancelled"),
    }
    assert any(one["withheld"] for one in report["exchanges"] if one["outcome"] == "granted")
    assert any(one["repeated"] for one in report["exchanges"])


def test_the_demonstration_names_every_exact_reason_why_no_data_came(report: Any):
    assert set(report["reasons"]) >= {
        "no-file-at-supplier",
        "no-file",
        "number-unknown",
        "no-clause",
        "number-replaced",
        "number-cancelled",
        "the nonce of this signature was used before",
        "message id used for another content",
        "keyid: the key is revoked",
        "no-answer",
        "other-person",
        "wrong-type",
    }
    assert len(report["reasons"]) == len(set(report["reasons"]))


def test_the_demonstration_tells_inquiries_with_the_entries_of_every_seat(
    house: House, report: Any
):
    asked, not_needed, by_itself = report["inquiries"]

    assert [one["faults"] for one in report["inquiries"]] == [[], [], []]
    assert not_needed["trail"] == []
    assert not_needed["case"]["head"]["ending"] == "not-granted"
    assert len(by_itself["run"]) == 3
    for one in (asked, by_itself):
        assert one["trail"][0]["at"] == house.node
        assert one["trail"][0]["outcome"] == "forwarded"
        assert one["trail"][1]["at"] == house.hub
        assert all(hop["paragraph"] for hop in one["trail"])
        assert (one["trail"][-1]["at"], one["trail"][-1]["again"]) == (house.node, True)


def test_a_wrong_turn_at_the_desk_is_named(house: House):
    def told(*words: str) -> tuple[int, str]:
        done = kruispunt(*words, "--state", str(house.place.state))
        assert "Traceback" not in done.stderr
        return done.returncode, done.stderr.strip()

    assert told("case", "inquire", "nowhere.jsonl", "--as", house.insurer) == (
        WRONG,
        "nowhere.jsonl: no such file or directory",
    )
    assert told("case", "list", "--as", house.node) == (
        WRONG,
        f"{house.node} runs no cases in this network",
    )
    assert told("one-shot", "send", "nowhere.csv", "--at", "ACV") == (
        WRONG,
        "nowhere.csv: no such file or directory",
    )


def outcomes(report: Any, **which: str) -> list[tuple[str, int, str]]:
    """How the exchanges of one kind ended, with the exact cause where the hub's trail has one."""
    return [
        (one["outcome"], one["status"], one["trail"][-1]["cause"] if one["trail"] else "")
        for one in report["exchanges"]
        if all(one[name] == value for name, value in which.items())
    ]


def test_while_a_source_is_silent_its_flow_fails_in_time_and_another_is_answered(report: Any):
    assert outcomes(report, station="silent") == [
        ("granted", 200, ""),
        ("failed", 503, "no-answer"),
    ]
    (silent,) = [one for one in report["exchanges"] if one["status"] == 503]
    after = report["exchanges"][report["exchanges"].index(silent) + 1]
    assert silent["ticket"]
    assert silent["ms"] < 5000  # the two seconds of the flow, and some for a busy machine
    assert (after["outcome"], after["repeated"]) == ("granted", True)


def test_a_source_that_lies_is_caught_and_nothing_of_it_is_shown(report: Any):
    assert outcomes(report, station="lying") == [
        ("failed", 502, "other-person"),
        ("failed", 502, "wrong-type"),
    ]
    assert [one["rows"] for one in report["exchanges"] if one["station"] == "lying"] == [[], []]


def test_a_key_that_is_revoked_asks_no_more_and_the_other_goes_on(report: Any):
    assert outcomes(report, key="extra") == [("granted", 200, "")]
    assert outcomes(report, key="revoked") == [("failed", 401, "")]
    told = [one["key"] for one in report["exchanges"]]
    after = report["exchanges"][told.index("revoked") + 1]
    assert (after["key"], after["outcome"]) == ("own", "granted")


async def test_after_the_demonstration_nothing_is_broken_any_more(house: House, report: Any):
    reply = await house.ask_raw(house.request(flow="dimona.consult"))
    keys = kruispunt(
        "key", "list", "--at", house.node, "--json", "--state", str(house.place.state)
    )
    own = house.network.folder / house.network.stations[0].mapping

    assert reply.status == 200
    assert house.place.home(house.station).station.read_bytes() == own.read_bytes()
    extra = [
        key
        for key in json.loads(keys.stdout)
        if key["institution"] == house.insurer and key["keyId"] != house.key(house.insurer).key_id
    ]
    assert extra
    assert {key["state"] for key in extra} == {"revoked"}
    assert not list(house.place.state.glob("extra-key-*"))
    assert report["exchanges"]


def test_told_to_people_each_reason_has_its_line_and_its_why(house: House):
    told = kruispunt("demo", "--once", "--state", str(house.place.state), patience_s=180)

    assert told.returncode == ANSWERED, told.stdout + told.stderr
    words = " ".join(told.stdout.split())
    for told_so in (
        "When a source breaks",
        "nobody was asked, so no trail says anything",
        "an answer for NIC: granted, then given",
        "then failed (other-person)",
        "no-file-at-supplier",
        "nobody was asked",
        "A signature counts once.",
        "Each ended as law, trail and story say.",
    ):
        assert told_so in words
    assert "WRONG" not in words


def test_granted_fields_are_listed_also_when_their_value_is_null(report: Any):
    (first, *_) = [one for one in report["exchanges"] if one["flow"] == "employment.consult"]

    assert len(first["fields"]) == 8
    assert "employment_end_date" in first["fields"]
    assert first["rows"][0]["employment_end_date"] is None


def test_other_people_than_those_who_live_here_are_refused_with_exit_2(house: House):
    told = kruispunt(
        "demo", "--once", "--json", "--people", "7", "--state", str(house.place.state)
    )

    assert told.returncode == WRONG
    assert "people with seed" in told.stderr
