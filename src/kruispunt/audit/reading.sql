-- name: add_readings
-- Every reading of the trail stands in it and waits for its place in the tree, or neither.
with added_readings as (
    insert into audit.reading (recorded_at, ssin, id, institution, encoded)
    select r.recorded_at, r.ssin, r.id, r.institution, r.encoded
    from unnest($1::audit.new_reading[]) as r
)
insert into audit.pending (recorded_at, kind, entry, blinded)
select r.recorded_at, 3, r.id, r.blinded
from unnest($1::audit.new_reading[]) as r;

-- name: count_unseen
-- How many of the latest decisions about a person, at most so many, may not be seen, by consumer
-- and purpose; and how many may, without either.
select l.consumer, l.purpose, count(*) as looks
from audit.latest_looks($1, $2, $3, $4) as l
group by l.consumer, l.purpose;

-- name: count_unseen_readings
-- How many of the latest readings about a person, at most so many, may not be seen, by institution;
-- and how many may, without one.
select l.institution, count(*) as readings
from audit.latest_readings($1, $2, $3) as l
group by l.institution;

-- name: page_between
-- Decisions of a time with an id before one and not before another, latest first, and what came of
-- each; of one consumer where that is given. Rows are told as in `list_looks`.
with looked as materialized (
    select
        recorded_at, received_at, sent_at, ssin, successor,
        lawbook, consumer, flow, purpose, ground, key, proof_created, proof_life,
        asked_on, about_begin, about_end, form, reason, id, message_id, repeats,
        nonce, signature, digest, facts, ticket, file_reference, asked_by, role
    from audit.looks_between($1, $2, $3, $4, $5, $6)
    order by id desc
    limit $6
)
select
    d.recorded_at,
    case when c.told then d.received_at end as received_at,
    case when c.told then d.sent_at end as sent_at,
    d.ssin, d.successor, d.lawbook, d.consumer, d.flow,
    d.purpose, d.ground, d.key, d.proof_created, d.proof_life,
    case when c.told then d.asked_on end as asked_on,
    case when c.told then d.about_begin end as about_begin,
    case when c.told then d.about_end end as about_end,
    d.form, d.reason, d.id, d.message_id, d.repeats,
    d.nonce, d.signature, d.digest, d.facts,
    d.ticket, d.file_reference, d.asked_by, d.role,
    o.entry as ended, case when c.told then o.ended_at end as ended_at,
    o.shown, o.form as ended_form, o.ending, o.cause, c.told
from looked as d
left join audit.outcomes_of(
    array(select l.id from looked as l), array(select l.recorded_at from looked as l)
) as o on o.entry = d.id
cross join lateral (
    select
        least(d.received_at, d.sent_at, o.ended_at) >= '0001-01-01 00:00:00+00'
        and greatest(d.received_at, d.sent_at, o.ended_at) < '10000-01-01 00:00:00+00'
        and (d.asked_on between '0001-01-01' and '9999-12-31' or not isfinite(d.asked_on))
        and (d.about_begin between '0001-01-01' and '9999-12-31' or not isfinite(d.about_begin))
        and coalesce(
            d.about_end between '0001-01-01' and '9999-12-31' or not isfinite(d.about_end), true
        ) as told
) as c
order by d.id desc;

-- name: id_behind
-- The id behind so many decisions of a time before one; null: there are no more than that.
select audit.id_behind($1, $2, $3, $4) as id;

-- name: find_terms
-- The numbers of these values of two kinds.
select id, kind from audit.term
where (kind = $1 and content = any($2::text[])) or (kind = $3 and content = any($4::text[]));

-- name: readings_about
-- Readings about a person by none of these, by one institution where that is given, latest first,
-- before one.
select recorded_at, ssin, id, institution, encoded
from audit.readings_about($1, $2, $3, $4, $5, $6, $7)
order by recorded_at desc, id desc;

-- name: page_readings
-- Readings of a time, by one institution where that is given, latest first.
select recorded_at, ssin, id, institution, encoded
from audit.reading
where recorded_at >= $1 and recorded_at < $2 and id < $3
    and ($4::text is null or institution = $4)
order by id desc
limit $5;

-- name: readings_of
-- Readings about a person after this one, the earliest first.
select recorded_at, ssin, id, institution, encoded
from audit.reading
where ssin = $1 and recorded_at >= $2 and (recorded_at, id) > ($2, $3)
order by recorded_at, id
limit $4;
