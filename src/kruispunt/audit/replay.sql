-- name: open_replay
-- All that decided, what was decided and what came of it, since a moment: read as it stands, in no
-- order asked for. Each outcome is looked up in the partition of its own month (`offset 0`).
declare replay no scroll cursor for
select
    d.id, d.recorded_at, d.lawbook, d.consumer, d.flow, d.purpose, d.ssin, d.asked_on,
    d.about_begin, d.about_end, d.facts, d.reason, d.ground, d.successor, d.received_at, d.repeats,
    o.ending, o.shown, o.cause
from audit.decision as d
left join lateral (
    select x.ending, x.shown, x.cause
    from audit.outcome as x
    where x.entry = d.id and x.recorded_at = d.recorded_at
    offset 0
) as o on true
where d.recorded_at >= $1;

-- name: go_on
-- The next decisions, at most as many as fit a page.
fetch forward 4096 from replay;

-- name: find_firsts
-- The entries that these repeat, recorded in this time: whether they are the first of the same
-- message, and decided alike.
select
    r.id, f.recorded_at, f.asked_on, f.lawbook,
    f.repeats is null as is_first,
    f.recorded_at < r.recorded_at as is_earlier,
    row(f.consumer, f.message_id, f.flow, f.purpose, f.ssin, f.about_begin, f.about_end)
        is not distinct from
        row(r.consumer, r.message_id, r.flow, r.purpose, r.ssin, r.about_begin, r.about_end)
        as same_message,
    row(f.reason, f.ground, f.successor) is not distinct from
        row(r.reason, r.ground, r.successor) as same_decision
from unnest($1::uuid[], $2::timestamptz[]) as w (id, recorded_at)
join audit.decision as r on r.id = w.id and r.recorded_at = w.recorded_at
join audit.decision as f
    on f.id = r.repeats and f.recorded_at >= $3::timestamptz and f.recorded_at < $4::timestamptz;

-- name: find_order
-- Where an entry of this moment stands in the order of all: its place, or behind all places.
select s.first + (position($1::bytea in s.places) - 1) / 17 as place
from audit.sealed as s
where tstzrange(s.began, s.ended, '[]') @> $2::timestamptz
    and position($1::bytea in s.places) > 0
union all
select (1::bigint << 62) + p.seq from audit.pending as p where p.kind = 1 and p.entry = $3::uuid
limit 1;

-- name: count_decisions
-- How many decisions there may be, roughly: the statistics say.
select coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint as rows
from pg_class as c
join pg_inherits as i on i.inhrelid = c.oid
where i.inhparent = 'audit.decision'::regclass;
