"""What the bench of cases reads and makes in the tables of an insurer and of a source."""

from kruispunt.postgres import Query

DESTINATIONS = Query(
    name="destinations",
    sql="select distinct destination_cbe as number from rsz.routing where channel = 'ELECTRONIC'",
)
UNDONE = Query(
    name="undone",
    sql="select count(*) as n from circuits.action where done_at is null and lane = $1",
)
DONE = Query(
    name="done",
    sql="""
select
    c.id, c.opened_at,
    max(a.done_at) filter (where a.lane = 0) as asked,
    max(a.done_at) as sent,
    count(*) filter (where a.kind = 'consult') as consults,
    count(*) filter (where a.kind = 'send-request') as sends,
    count(*) filter (where a.lane = 1) as letters,
    count(*) filter (where a.kind = 'ask-unemployment') as unemployment
from circuits.case_ as c
join (
    select case_id, lane, done_at, convert_from(body, 'UTF8')::json ->> 'type' as kind
    from circuits.action
) as a on a.case_id = c.id
where c.id = any($1::uuid[])
group by c.id
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
