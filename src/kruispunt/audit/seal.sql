-- name: lock_sealer
-- One sealer at a time: the second waits here until the first has gone.
select pg_advisory_lock(hashtext('audit.seal'))::text;

-- name: take_pending
-- The leaves that wait, at most so many, the earliest written first, and gone from the table. An
-- entry whose receipt came before another was recorded is seen wherever the other is, and has the
-- lower `seq`: so it stands before it. One that becomes visible late is taken when it does.
with taken as (
    delete from audit.pending
    where ctid = any(array(select p.ctid from audit.pending as p order by p.seq limit $1))
    returning seq, recorded_at, kind, entry, blinded
)
select
    count(*)::integer as size,
    min(t.recorded_at) as began,
    max(t.recorded_at) as ended,
    string_agg(t.blinded, ''::bytea order by t.seq) as blinded,
    string_agg(
        set_byte('\x00'::bytea, 0, t.kind::integer) || uuid_send(t.entry), ''::bytea
        order by t.seq
    ) as places
from taken as t;

-- name: add_sealed
-- Leaves have their place, each place once: nothing comes back where another sealer was faster.
insert into audit.sealed (first, size, began, ended, root, places)
select $1, $2, $3, $4, $5, $6
where $1 = coalesce((select s.first + s.size from audit.sealed as s order by s.first desc limit 1), 0)
returning first;

-- name: add_fresh
-- The data of leaves that were sealed just now.
insert into audit.fresh (first, sealed_at, blinded) values ($1, $2, $3);

-- name: drop_stale
-- What was sealed before this moment stands in files and in backups of them.
delete from audit.fresh where sealed_at < $1;

-- name: last_sealed
-- The size and root of the tree as this database knows it; no row: nothing was ever sealed.
select s.first + s.size as size, s.root from audit.sealed as s order by s.first desc limit 1;

-- name: root_at
-- The root that the tree had when it was of this size; no row: it never was.
select s.root from audit.sealed as s
where s.first < $1 and s.first + s.size = $1
order by s.first desc
limit 1;

-- name: list_fresh
-- Leaves from this place on, with the root that the tree has after each lot; null: the data of
-- that lot are no longer here.
select s.first, s.size, s.root, f.blinded
from audit.sealed as s
left join audit.fresh as f on f.first = s.first
where s.first >= $1
order by s.first
limit $2;

-- name: list_places
-- Lots of leaves from this place on. A time that no calendar of ours has is not told.
select
    s.first, s.size, s.root, s.places, f.blinded,
    case when s.began >= '0001-01-01 00:00:00+00' and s.began < '10000-01-01 00:00:00+00'
        then s.began end as began,
    case when s.ended >= '0001-01-01 00:00:00+00' and s.ended < '10000-01-01 00:00:00+00'
        then s.ended end as ended
from audit.sealed as s
left join audit.fresh as f on f.first = s.first
where s.first >= $1
order by s.first
limit $2;

-- name: find_place
-- The lots in which an entry of these moments can stand, and where in them it does: bytes before
-- it; the first that has it.
select s.first, (position($1::bytea in s.places) - 1) as offset, s.size
from audit.sealed as s
where tstzrange(s.began, s.ended, '[]') @> $2::timestamptz
    and position($1::bytea in s.places) > 0
order by s.first;

-- name: decisions_about
-- Decisions about a person after this one, the earliest first.
select
    recorded_at, received_at, sent_at, ssin, successor,
    lawbook, consumer, flow, purpose, ground, key, proof_created, proof_life,
    asked_on, about_begin, about_end, form, reason, id, message_id, repeats,
    nonce, signature, digest, facts, ticket, file_reference, asked_by, role
from audit.decision
where ssin = $1 and recorded_at >= $2 and (recorded_at, id) > ($2, $3)
order by recorded_at, id
limit $4;

-- name: in_order
-- Rows come by the index of their ids. Sorting would write the whole trail to the disk once more.
select set_config('enable_sort', 'off', true), set_config('cursor_tuple_fraction', '0.0001', true);

-- name: all_decisions
-- Every decision in order of ids. A row with a time that no calendar of ours has tells no times.
-- Days without end are the first and the last day there is: callers may ask about those.
declare decisions no scroll cursor for
select
    case when c.told then d.recorded_at end as recorded_at,
    case when c.told then d.received_at end as received_at,
    case when c.told then d.sent_at end as sent_at,
    d.ssin, d.successor, d.lawbook, d.consumer, d.flow, d.purpose, d.ground, d.key,
    d.proof_created, d.proof_life,
    case when c.told then d.asked_on end as asked_on,
    case when c.told then d.about_begin end as about_begin,
    case when c.told then d.about_end end as about_end,
    d.form, d.reason, d.id, d.message_id, d.repeats,
    d.nonce, d.signature, d.digest, d.facts, d.ticket, d.file_reference, d.asked_by, d.role
from audit.decision as d
cross join lateral (
    select
        least(d.recorded_at, d.received_at, d.sent_at) >= '0001-01-01 00:00:00+00'
        and greatest(d.recorded_at, d.received_at, d.sent_at) < '10000-01-01 00:00:00+00'
        and (d.asked_on between '0001-01-01' and '9999-12-31' or not isfinite(d.asked_on))
        and (d.about_begin between '0001-01-01' and '9999-12-31' or not isfinite(d.about_begin))
        and coalesce(
            d.about_end between '0001-01-01' and '9999-12-31' or not isfinite(d.about_end), true
        ) as told
) as c
order by d.id, d.recorded_at;

-- name: all_outcomes
-- Every outcome in order of its entry's id, told as decisions are.
declare outcomes no scroll cursor for
select
    case when c.told then o.recorded_at end as recorded_at,
    case when c.told then o.ended_at end as ended_at,
    o.shown, o.form, o.ending, o.entry, o.cause
from audit.outcome as o
cross join lateral (
    select
        least(o.recorded_at, o.ended_at) >= '0001-01-01 00:00:00+00'
        and greatest(o.recorded_at, o.ended_at) < '10000-01-01 00:00:00+00' as told
) as c
order by o.entry, o.recorded_at;

-- name: all_readings
-- Every reading in order of its id, told as decisions are.
declare readings no scroll cursor for
select
    case when c.told then r.recorded_at end as recorded_at,
    r.ssin, r.id, r.institution, r.encoded
from audit.reading as r
cross join lateral (
    select
        r.recorded_at >= '0001-01-01 00:00:00+00'
        and r.recorded_at < '10000-01-01 00:00:00+00' as told
) as c
order by r.id, r.recorded_at;

-- name: all_changes
-- Every change in order of its id, told as decisions are.
declare changes no scroll cursor for
select
    case when c.told then m.recorded_at end as recorded_at,
    m.ssin, m.id, m.institution, m.sealed
from audit.change as m
cross join lateral (
    select
        m.recorded_at >= '0001-01-01 00:00:00+00'
        and m.recorded_at < '10000-01-01 00:00:00+00' as told
) as c
order by m.id, m.recorded_at;

-- name: all_terms
-- The whole dictionary.
select id, kind, digest, content from audit.term order by id;

-- name: find_pending
-- A row where this entry waits for its place.
select seq from audit.pending where kind = $1 and entry = $2 limit 1;

-- name: all_expired
-- What was ended, each time: before which month and place, and of how many rows.
select
    case when e.before between '0001-01-01' and '9999-12-31' then e.before end as before,
    e.position, (e.decisions + e.outcomes + e.readings + e.changes)::bigint as rows
from audit.expired as e;

-- name: list_pending
-- What waits for its place. A time that no calendar of ours has is not told.
select
    p.kind, p.entry, p.blinded,
    case when p.recorded_at >= '0001-01-01 00:00:00+00'
        and p.recorded_at < '10000-01-01 00:00:00+00' then p.recorded_at end as recorded_at
from audit.pending as p;

-- name: count_trail
-- How many decisions and outcomes there may be, roughly: the statistics say.
select coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint as rows
from pg_class as c
join pg_inherits as i on i.inhrelid = c.oid
where i.inhparent in ('audit.decision'::regclass, 'audit.outcome'::regclass);

-- name: much_memory
-- What follows lays the lists of all persons beside all rows at once.
set local work_mem = '256MB';

-- name: list_unlisted
-- Rows about persons, of months that are listed, whose month stands not in the person's list.
select 1 as kind, e.id
from audit.decision as e
where e.recorded_at < (select audit.begin_of(max(l.upto)) from audit.listed as l)
    and e.ssin is not null and not exists (
        select from audit.about as a
        where a.ssin = e.ssin and audit.month_of(e.recorded_at) = any(a.looks)
    )
union all
select 3 as kind, e.id
from audit.reading as e
where e.recorded_at < (select audit.begin_of(max(l.upto)) from audit.listed as l)
    and e.ssin is not null and not exists (
        select from audit.about as a
        where a.ssin = e.ssin and audit.month_of(e.recorded_at) = any(a.readings)
    )
union all
select 4 as kind, e.id
from audit.change as e
where e.recorded_at < (select audit.begin_of(max(l.upto)) from audit.listed as l)
    and e.ssin is not null and not exists (
        select from audit.about as a
        where a.ssin = e.ssin and audit.month_of(e.recorded_at) = any(a.changes)
    )
limit 1000;
