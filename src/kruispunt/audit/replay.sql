-- name: open_replay
-- All that decided, and what was decided, since a moment: read as it stands, in no order asked for.
declare replay no scroll cursor for
select
    id, recorded_at, lawbook, consumer, flow, purpose, ssin, asked_on, about_begin, about_end,
    facts, reason, ground, successor
from audit.decision
where recorded_at >= $1;

-- name: go_on
-- The next decisions, at most as many as fit a page.
fetch forward 4096 from replay;

-- name: count_decisions
-- How many decisions there may be, roughly: the statistics say.
select coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint as rows
from pg_class as c
join pg_inherits as i on i.inhrelid = c.oid
where i.inhparent = 'audit.decision'::regclass;
