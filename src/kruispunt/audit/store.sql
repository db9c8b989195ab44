-- name: add_decisions
-- Every decision stands in the trail and waits for its place in the tree, or neither.
with added_decisions as (
    insert into audit.decision (
        recorded_at, received_at, sent_at, ssin, successor,
        lawbook, consumer, flow, purpose, ground, key, proof_created, proof_life,
        asked_on, about_begin, about_end, form, reason, id, message_id, repeats,
        nonce, signature, digest, facts, ticket, file_reference, asked_by, role
    )
    select
        d.recorded_at, d.received_at, d.sent_at, d.ssin, d.successor,
        d.lawbook, d.consumer, d.flow, d.purpose, d.ground, d.key, d.proof_created, d.proof_life,
        d.asked_on, d.about_begin, d.about_end, d.form, d.reason, d.id, d.message_id, d.repeats,
        d.nonce, d.signature, d.digest, d.facts, d.ticket, d.file_reference, d.asked_by, d.role
    from unnest($1::audit.new_decision[]) as d
)
insert into audit.pending (recorded_at, kind, entry, blinded)
select d.recorded_at, 1, d.id, d.blinded
from unnest($1::audit.new_decision[]) as d;

-- name: add_outcomes
-- Every outcome stands in the trail and waits for its place in the tree, or neither. Written
-- twice, after a commit whose answer was lost, it stands once.
with added_outcomes as (
    insert into audit.outcome (recorded_at, ended_at, shown, form, ending, entry, cause)
    select o.recorded_at, o.ended_at, o.shown, o.form, o.ending, o.entry, nullif(o.cause, '')
    from unnest($1::audit.new_outcome[]) as o
    on conflict (entry, recorded_at) do nothing
    returning entry
)
insert into audit.pending (recorded_at, kind, entry, blinded)
select o.recorded_at, 2, o.entry, o.blinded
from unnest($1::audit.new_outcome[]) as o
where o.entry in (select added.entry from added_outcomes as added);

-- name: find_decision
-- One decision by its id, within the time in which it can stand.
select
    recorded_at, received_at, sent_at, ssin, successor,
    lawbook, consumer, flow, purpose, ground, key, proof_created, proof_life,
    asked_on, about_begin, about_end, form, reason, id, message_id, repeats,
    nonce, signature, digest, facts, ticket, file_reference, asked_by, role
from audit.decision
where id = $1 and recorded_at between $2 and $3;

-- name: list_looks
-- Decisions about a person from a moment up to an entry, latest first, and what came of each; without
-- those that may not be seen; of one consumer where that is given. A row with a time that no
-- calendar of ours has is not `told`, and tells only when it was recorded.
select
    (p.look).recorded_at,
    case when c.told then (p.look).received_at end as received_at,
    case when c.told then (p.look).sent_at end as sent_at,
    (p.look).ssin, (p.look).successor, (p.look).lawbook, (p.look).consumer, (p.look).flow,
    (p.look).purpose, (p.look).ground, (p.look).key, (p.look).proof_created, (p.look).proof_life,
    case when c.told then (p.look).asked_on end as asked_on,
    case when c.told then (p.look).about_begin end as about_begin,
    case when c.told then (p.look).about_end end as about_end,
    (p.look).form, (p.look).reason, (p.look).id, (p.look).message_id, (p.look).repeats,
    (p.look).nonce, (p.look).signature, (p.look).digest, (p.look).facts,
    (p.look).ticket, (p.look).file_reference, (p.look).asked_by, (p.look).role,
    p.ended, case when c.told then p.ended_at end as ended_at,
    p.shown, p.ended_form, p.ending, p.cause, c.told
from audit.looks_with_ends($1, $2, $3, $4, $5, $6, $7, $8) as p
cross join lateral (
    select
        least((p.look).received_at, (p.look).sent_at, p.ended_at) >= '0001-01-01 00:00:00+00'
        and greatest((p.look).received_at, (p.look).sent_at, p.ended_at) < '10000-01-01 00:00:00+00'
        and ((p.look).asked_on between '0001-01-01' and '9999-12-31' or not isfinite((p.look).asked_on))
        and ((p.look).about_begin between '0001-01-01' and '9999-12-31' or not isfinite((p.look).about_begin))
        and coalesce(
            (p.look).about_end between '0001-01-01' and '9999-12-31' or not isfinite((p.look).about_end), true
        ) as told
) as c
order by (p.look).recorded_at desc, (p.look).id desc
limit $8;

-- name: list_outcomes
-- What came of these decisions; at most one outcome for each.
select recorded_at, ended_at, shown, form, ending, entry, cause
from audit.outcomes_of($1::uuid[], $2::timestamptz[]);

-- name: add_term
-- A value gets its number once, whichever process meets it first.
insert into audit.term (kind, digest, content) values ($1, $2, $3)
on conflict (kind, digest) do nothing;

-- name: find_term
-- The number of a value.
select id from audit.term where kind = $1 and digest = $2;

-- name: list_terms
-- The values of these numbers.
select id, kind, content from audit.term where id = any($1::integer[]);

-- name: add_month_key
-- A month has one key, whichever process makes it first.
insert into audit.month_key (month, wrapped) values ($1, $2) on conflict (month) do nothing;

-- name: find_month_key
-- The wrapped key of a month; null: shredded.
select wrapped from audit.month_key where month = $1;

-- name: shred_month_key
-- The key of a month is gone for ever, also for a month that never had one.
insert into audit.month_key (month, wrapped) values ($1, null)
on conflict (month) do update set wrapped = null;

-- name: open_month
-- The partitions of a month stand.
select audit.open_month($1::date);

-- name: has_months
-- True where each of these months has partitions of its own.
select bool_and(
    to_regclass('audit.' || p.parent || '_' || to_char(m.month, 'YYYY_MM')) is not null
) as found
from unnest(array['decision', 'outcome']) as p (parent)
cross join unnest($1::date[]) as m (month);

-- name: is_listed
-- True where every month before this one is listed.
select coalesce(bool_or(l.upto >= $1), false) as listed from audit.listed as l;

-- name: watch_months
-- What is recorded from now on in months before this one lists itself.
select audit.watch_months($1::date);

-- name: list_months
-- Every month that is watched is listed, unless another process is at it.
select audit.list_months();
