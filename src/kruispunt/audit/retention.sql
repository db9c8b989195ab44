-- name: lock_expiry
-- One expiry at a time.
select pg_advisory_xact_lock(hashtext('audit.expire'))::text;

-- name: last_moment
-- The latest moment that the tree knows of; null: it is empty.
select max(s.ended) as ended from audit.sealed as s;

-- name: position_of
-- The place before which all stands that was recorded before this moment.
select coalesce(max(s.first + s.size), 0) as position
from audit.sealed as s
where s.began < $1;

-- name: count_waiting
-- What was recorded before this moment and waits for its place.
select count(*) as waiting from audit.pending where recorded_at < $1;

-- name: count_content
-- Decisions and outcomes that were recorded before this moment.
select
    (select count(*) from audit.decision where recorded_at < $1) as decisions,
    (select count(*) from audit.outcome where recorded_at < $1) as outcomes;

-- name: list_months
-- Months before this day that have tables or a key.
select m.month from audit.months_before($1) as m
union
select k.month from audit.month_key as k where k.month < $1 and k.wrapped is not null
order by 1;

-- name: add_expired
-- It was done, and by whom. Done again after it was cut off, the first row stays.
insert into audit.expired (before, expired_at, position, decisions, outcomes, asked_by)
values ($1, $2, $3, $4, $5, $6)
on conflict (before) do nothing;

-- name: drop_months
-- Rows and keys of the months before this day are gone.
select audit.drop_months($1)::text;

-- name: rewrite_keys
-- What a key was does not stay behind in the table's file.
vacuum full audit.month_key;
