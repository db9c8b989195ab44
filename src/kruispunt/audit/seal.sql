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
-- Lots of leaves from this place on.
select s.first, s.size, s.began, s.ended, s.root, s.places, f.blinded
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

-- name: decisions_from
-- Decisions in order of their ids, from one on, at most so many.
select
    recorded_at, received_at, sent_at, ssin, successor,
    lawbook, consumer, flow, purpose, ground, key, proof_created, proof_life,
    asked_on, about_begin, about_end, form, reason, id, message_id, repeats,
    nonce, signature, digest, facts, ticket, file_reference, asked_by, role
from audit.decision
where id > $1
order by id
limit $2;

-- name: outcomes_between
-- Outcomes in order of their entries, after one and up to another.
select recorded_at, ended_at, shown, form, ending, entry, cause
from audit.outcome
where entry > $1 and entry <= $2
order by entry;

-- name: list_pending
-- What waits for its place.
select kind, entry, blinded from audit.pending;

-- name: count_trail
-- How many decisions and outcomes there may be, roughly: the statistics say.
select coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint as rows
from pg_class as c
join pg_inherits as i on i.inhrelid = c.oid
where i.inhparent in ('audit.decision'::regclass, 'audit.outcome'::regclass);
