-- name: add_readings
-- Every reading of the trail stands in it and waits for its place in the tree, or neither.
with added_readings as (
    insert into audit.reading (recorded_at, ssin, id, institution, encoded)
    select r.recorded_at, r.ssin, r.id, r.institution, r.encoded
    from unnest($1::timestamptz[], $2::bigint[], $3::uuid[], $4::text[], $5::bytea[])
        as r (recorded_at, ssin, id, institution, encoded)
)
insert into audit.pending (recorded_at, kind, entry, blinded)
select p.recorded_at, 3, p.entry, p.blinded
from unnest($1::timestamptz[], $3::uuid[], $6::bytea[]) as p (recorded_at, entry, blinded);

-- name: page_about
-- Decisions about a person, latest first, before one, without those that may not be seen.
select
    recorded_at, received_at, sent_at, ssin, successor,
    lawbook, consumer, flow, purpose, ground, key, proof_created, proof_life,
    asked_on, about_begin, about_end, form, reason, id, message_id, repeats,
    nonce, signature, digest, facts, ticket, file_reference, asked_by, role
from audit.decision
where ssin = $1 and recorded_at >= $2 and recorded_at <= $3 and (recorded_at, id) < ($3, $4)
    and not (consumer = any($5::integer[]) or (purpose = any($6::integer[]) and ground is not null))
order by recorded_at desc, id desc
limit $7;

-- name: count_unseen
-- How many decisions about a person may not be seen, by consumer and purpose.
select consumer, purpose, count(*) as looks
from audit.decision
where ssin = $1
    and (consumer = any($2::integer[]) or (purpose = any($3::integer[]) and ground is not null))
group by consumer, purpose;

-- name: count_unseen_readings
-- How many readings about a person may not be seen, by institution.
select institution, count(*) as readings
from audit.reading
where ssin = $1 and institution = any($2::text[])
group by institution;

-- name: page_between
-- Decisions of a time, of one consumer or about one person where those are given, latest first.
select
    recorded_at, received_at, sent_at, ssin, successor,
    lawbook, consumer, flow, purpose, ground, key, proof_created, proof_life,
    asked_on, about_begin, about_end, form, reason, id, message_id, repeats,
    nonce, signature, digest, facts, ticket, file_reference, asked_by, role
from audit.decision
where recorded_at >= $1 and recorded_at < $2 and id < $3
    and ($4::integer is null or consumer = $4) and ($5::bigint is null or ssin = $5)
order by id desc
limit $6;

-- name: find_terms
-- The numbers of these values of one kind.
select id, content from audit.term where kind = $1 and content = any($2::text[]);

-- name: readings_about
-- Readings about a person by none of these, latest first, before one.
select recorded_at, ssin, id, institution, encoded
from audit.reading
where ssin = $1 and recorded_at >= $2 and recorded_at <= $3 and (recorded_at, id) < ($3, $4)
    and institution <> all($5::text[])
order by recorded_at desc, id desc
limit $6;

-- name: page_readings
-- Readings of a time, by one institution or about one person where those are given, latest first.
select recorded_at, ssin, id, institution, encoded
from audit.reading
where recorded_at >= $1 and recorded_at < $2 and id < $3
    and ($4::text is null or institution = $4) and ($5::bigint is null or ssin = $5)
order by id desc
limit $6;

-- name: readings_of
-- Readings about a person after this one, the earliest first.
select recorded_at, ssin, id, institution, encoded
from audit.reading
where ssin = $1 and recorded_at >= $2 and (recorded_at, id) > ($2, $3)
order by recorded_at, id
limit $4;

-- name: readings_between
-- Readings in order of their ids, after one and up to another.
select recorded_at, ssin, id, institution, encoded
from audit.reading
where id > $1 and id <= $2
order by id;
