"""What the bench of cases tells, and what it reads and makes in the tables of an insurer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bench.figures import Figure, percentile
from bench.page import Rows
from kruispunt.postgres import Query

ROWS: Rows = {
    "people": "people in the country",
    "persons": "… of whom so many fit such a case",
    "steady_cases": "cases opened at a steady rate",
    "steady_per_second": "… per second",
    "p50_ms": "… until all is asked and all requests are sent, ms, half",
    "p99_ms": "… 99 of 100",
    "asked_p50_ms": "… until all is asked and sent by mail, ms, half",
    "asked_p99_ms": "… 99 of 100",
    "letters_p50_ms": "… until the holder sheet is printed too, ms, half",
    "answered_p50_ms": "… until the last answer of the L500 came, ms, half",
    "answered_p99_ms": "… 99 of 100",
    "cases": "cases opened as fast as they go",
    "cases_per_second": "… asked and sent by mail per second",
    "answered_per_second": "… asked, sent, printed and answered per second",
    "cpu_ms_per_case": "CPU per case of all, ms, letters apart",
    "circuit_cpu_ms": "… of the circuit",
    "node_cpu_ms": "… of its node",
    "hub_cpu_ms": "… of the hub",
    "station_cpu_ms": "… of the stations",
    "payers_cpu_ms": "… of the payment institutions and their node",
    "database_cpu_ms": "… of the database",
    "letter_cpu_ms": "CPU per letter, ms",
    "consultations_per_case": "consultations per case",
    "requests_per_case": "requests to employers per case",
    "letters_per_case": "letters per case",
    "unemployment_per_case": "L500 per case",
    "answers_per_case": "answers of payment institutions per case",
    "whole_cases_share": "share of cases with seven consultations, a request and two answers",
    "open_cases": "open cases beside",
    "circuit_memory_mb": "memory of the circuit without them, MB",
    "circuit_memory_open_mb": "memory of the circuit with them, MB",
    "mailbox_per_second": "mails read and acknowledged per second",
    "oneshot_persons_per_second": "persons of the one-time file per second",
}

DESTINATIONS = Query(
    name="destinations",
    sql="select distinct destination_cbe as number from rsz.routing where channel = 'ELECTRONIC'",
)
UNDONE = Query(
    name="undone",
    sql="select count(*) as n from circuits.action where done_at is null and lane = $1",
)
UNANSWERED = Query(
    name="unanswered",
    sql="""
select count(*) as n
from circuits.case_ as c
cross join lateral (
    select
        count(*) filter (where e.said ->> 'type' = 'unemployment-accepted') as asked,
        count(*) filter (where e.said ->> 'type' = 'unemployment-answered') as came,
        max((e.said ->> 'count')::int) as expected
    from (
        select convert_from(body, 'UTF8')::json as said
        from circuits.event
        where case_id = c.id and position('"type":"unemployment-'::bytea in body) > 0
        offset 0
    ) as e
) as told
where c.id = any($1::uuid[])
    and c.closed_at is null
    and told.asked > 0
    and (told.expected is null or told.came < told.expected)
""",
)
DONE = Query(
    name="done",
    sql="""
select
    c.id, c.opened_at, did.asked, did.sent, did.printed, did.consults, did.sends, did.letters,
    did.unemployment, told.answered, told.answers, told.consulted
from circuits.case_ as c
join lateral (
    select
        max(a.done_at) filter (where a.lane = 0) as asked,
        max(a.done_at) filter (where a.lane = 0 or a.kind = 'send-request') as sent,
        max(a.done_at) as printed,
        count(*) filter (where a.kind = 'consult') as consults,
        count(*) filter (where a.kind = 'send-request') as sends,
        count(*) filter (where a.lane = 1) as letters,
        count(*) filter (where a.kind = 'ask-unemployment') as unemployment
    from (
        select lane, done_at, convert_from(body, 'UTF8')::json ->> 'type' as kind
        from circuits.action where case_id = c.id
    ) as a
) as did on true
join lateral (
    select
        max(e.at) filter (where e.kind = 'unemployment-answered') as answered,
        count(*) filter (where e.kind = 'unemployment-answered') as answers,
        count(*) filter (where e.kind = 'consultation-answered') as consulted
    from (
        select at, convert_from(body, 'UTF8')::json ->> 'type' as kind
        from circuits.event where case_id = c.id
    ) as e
) as told on true
where c.id = any($1::uuid[])
""",
)
COPIES = Query(
    name="copies",
    sql="""
insert into circuits.case_ (id, version, opened_at, next_due, kind, state)
select gen_random_uuid(), c.version, c.opened_at, now() + interval '30 days', c.kind, c.state
from (
    select version, opened_at, kind, state from circuits.case_ where closed_at is null limit 1
) as c, generate_series(1, $1::int)
""",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of one case.

    `asked`: nothing more to ask or to put in a mailbox; `sent`: its requests on paper are printed
    too; `printed`: and the sheet of the insured person. `consulted`: consultations answered.
    """

    id: UUID
    opened_at: datetime
    asked: datetime
    sent: datetime
    printed: datetime
    answered: datetime | None
    consults: int
    consulted: int
    sends: int
    letters: int
    unemployment: int
    answers: int

    def ms(self, moment: datetime) -> float:
        """Milliseconds from the opening of the case."""
        return (moment - self.opened_at).total_seconds() * 1000


def shape(done: Sequence[Done]) -> dict[str, Figure]:
    """What was measured: how much of everything a case had, and how many had it all."""

    def per_case(counts: Sequence[int]) -> float:
        return round(sum(counts) / max(len(counts), 1), 2)

    whole = sum(
        one.consulted == 7 and one.sends > 0 and (one.unemployment, one.answers) == (1, 2)
        for one in done
    )
    return {
        "consultations_per_case": per_case([one.consults for one in done]),
        "requests_per_case": per_case([one.sends for one in done]),
        "letters_per_case": per_case([one.letters for one in done]),
        "unemployment_per_case": per_case([one.unemployment for one in done]),
        "answers_per_case": per_case([one.answers for one in done]),
        "whole_cases_share": round(whole / max(len(done), 1), 3),
    }


def within(done: Sequence[Done]) -> dict[str, Figure]:
    """How long cases took, from their opening to each moment."""
    sent = [one.ms(one.sent) for one in done]
    mailed = [one.ms(one.asked) for one in done]
    printed = [one.ms(one.printed) for one in done]
    answered = [one.ms(one.answered) for one in done if one.answered]
    found = {
        "p50_ms": percentile(sent, 0.5),
        "p99_ms": percentile(sent, 0.99),
        "asked_p50_ms": percentile(mailed, 0.5),
        "asked_p99_ms": percentile(mailed, 0.99),
        "letters_p50_ms": percentile(printed, 0.5),
        "answered_p50_ms": percentile(answered, 0.5),
        "answered_p99_ms": percentile(answered, 0.99),
    }
    return {name: round(ms, 1) for name, ms in found.items()}
