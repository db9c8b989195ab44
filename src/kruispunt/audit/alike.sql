-- name: add_alike_decisions
-- Decisions of one caller, law and time: each stands in the trail and waits for its place in the
-- tree, or neither. In the order of their rows.
with added_decisions as (
    insert into audit.decision (
        recorded_at, received_at, sent_at, ssin, successor,
        lawbook, consumer, flow, purpose, ground, key, proof_created, proof_life,
        asked_on, about_begin, about_end, form, reason, id, message_id, repeats,
        nonce, signature, digest, facts, ticket, file_reference, asked_by, role
    )
    select
        $2, $3, $4, d.ssin, d.successor,
        $5, $6, $7, $8, d.ground, $9, $10, $11,
        $12, d.about_begin, d.about_end, $13, d.reason, d.id, d.message_id, null,
        $14, $15, $16, d.facts, $17, $18, $19, $20
    from unnest($1::audit.alike_decision[]) as d
)
insert into audit.pending (recorded_at, kind, entry, blinded)
select $2, 1, d.id, d.blinded
from unnest($1::audit.alike_decision[]) as d;

-- name: add_alike_outcomes
-- Outcomes of one time: each stands in the trail and waits for its place in the tree, or neither;
-- in the transaction of their decisions.
with added_outcomes as (
    insert into audit.outcome (recorded_at, ended_at, shown, form, ending, entry, cause)
    select $2, $2, o.shown, $3, o.ending, o.entry, nullif(o.cause, '')
    from unnest($1::audit.alike_outcome[]) as o
)
insert into audit.pending (recorded_at, kind, entry, blinded)
select $2, 2, o.entry, o.blinded
from unnest($1::audit.alike_outcome[]) as o;

-- name: add_alike_changes
-- Changes of one institution and time: each stands in the trail and waits for its place in the
-- tree, or neither; in the transaction that makes them.
with added_changes as (
    insert into audit.change (recorded_at, ssin, id, institution, sealed)
    select $2, c.ssin, c.id, $3, c.sealed
    from unnest($1::audit.alike_change[]) as c
)
insert into audit.pending (recorded_at, kind, entry, blinded)
select $2, 4, c.id, c.blinded
from unnest($1::audit.alike_change[]) as c;
