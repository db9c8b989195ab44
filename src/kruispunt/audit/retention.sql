-- name: lock_expiry
-- One expiry at a time.
select pg_advisory_xact_lock(hashtext('audit.expire'))::text;

-- name: last_moment
-- The latest moment that the tree knows of; null: it is empty.
select max(s.ended) as ended from audit.sealed as s;

-- name: count_waiting
-- What was recorded before this moment and waits for its place.
select count(*) as waiting from audit.pending where recorded_at < $1;

-- name: count_content
-- What was recorded before this moment.
select
    (select count(*) from audit.decision where recorded_at < $1) as decisions,
    (select count(*) from audit.outcome where recorded_at < $1) as outcomes,
    (select count(*) from audit.reading where recorded_at < $1) as readings,
    (select count(*) from audit.change where recorded_at < $1) as changes;

-- name: list_months
-- Months before this day that have tables or a key.
select m.month from audit.months_before($1) as m
union
select k.month from audit.month_key as k where k.month < $1 and k.wrapped is not null
order by 1;

-- name: add_expired
-- It was done, and by whom. Of a month that is ended again, the rows of both times count.
insert into audit.expired as e (
    before, expired_at, position, decisions, outcomes, readings, changes, asked_by
)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (before) do update set
    expired_at = excluded.expired_at,
    position = excluded.position,
    decisions = e.decisions + excluded.decisions,
    outcomes = e.outcomes + excluded.outcomes,
    readings = e.readings + excluded.readings,
    changes = e.changes + excluded.changes,
    asked_by = excluded.asked_by,
    rewritten_at = null;

-- name: drop_months
-- Rows and keys of the months before this day are gone.
select audit.drop_months($1)::text;

-- name: count_unwritten
-- How often months were ended of which something may have been left in the files of tables.
select count(*) as times from audit.expired where rewritten_at is null;

-- name: rewrite
-- What keys and rows were does not stay behind in the files of tables that were not dropped.
vacuum full audit.month_key, audit.about,
    audit.decision_rest, audit.outcome_rest, audit.reading_rest, audit.change_rest;

-- name: mark_rewritten
-- Nothing of what was ended before this moment is left.
update audit.expired set rewritten_at = $1 where rewritten_at is null;
