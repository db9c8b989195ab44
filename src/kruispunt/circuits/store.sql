-- name: open_cases
-- A case is opened once, by whoever commits first; one that stands is not returned.
insert into circuits.case_ (id, version, opened_at, closed_at, next_due, kind, state)
select c.id, c.version, c.opened_at, c.closed_at, c.next_due, c.kind, c.state
from unnest($1::circuits.new_case[]) as c
on conflict (id) do nothing
returning id;

-- name: turn_cases
-- A case goes from one version to a later one, and what was done is done, in one; the case that
-- another turned since is not returned, and nothing is done. A row without a state turns no case.
with turned as (
    update circuits.case_ as c
    set version = g.next, closed_at = g.closed_at, next_due = g.next_due, state = g.state
    from unnest($1::circuits.new_turn[]) as g
    where c.id = g.id and c.version = g.version and g.state is not null
    returning c.id, g.version, pg_notify('circuits', c.id::text)
),
finished as (
    -- Found by their key: told that it is not done, the plan made of a quiet table goes through
    -- all that is not done instead, at every turn.
    update circuits.action as a
    set done_at = coalesce(a.done_at, g.at)
    from unnest($1::circuits.new_turn[]) as g, unnest(g.done) as d (id)
    where a.id = d.id
        and (
            g.state is null
            or exists (select from turned as t where t.id = g.id and t.version = g.version)
        )
)
select t.id, t.version from turned as t
union all
select g.id, g.version from unnest($1::circuits.new_turn[]) as g where g.state is null;

-- name: add_events
-- What happened in a case, in its order, for ever.
insert into circuits.event (case_id, n, at, id, body)
select e.case_id, e.n, e.at, e.id, e.body
from unnest($1::circuits.new_event[]) as e;

-- name: add_actions
-- What a case wants done, once each.
insert into circuits.action (id, case_id, due_at, lane, body)
select a.id, a.case_id, a.due_at, a.lane, a.body
from unnest($1::circuits.new_action[]) as a
on conflict (id) do nothing;

-- name: add_tickets
-- Words by which a case will be found; the first that gives one out keeps it.
insert into circuits.ticket (ticket, case_id, action)
select t.ticket, t.case_id, t.action
from unnest($1::circuits.new_ticket[]) as t
on conflict (ticket) do nothing;

-- name: add_persons
-- Whom a case is about.
insert into circuits.person (ssin, case_id)
select p.ssin, p.case_id
from unnest($1::circuits.new_person[]) as p
on conflict do nothing;

-- name: list_about
-- The open cases about a person, the latest opened first.
select c.id, c.version, c.opened_at, c.closed_at, c.next_due, c.kind, c.state
from circuits.person as p
join circuits.case_ as c on c.id = p.case_id
where p.ssin = $1 and c.closed_at is null
order by c.opened_at desc, c.id desc
limit $2;

-- name: find_case
-- One case as it is now.
select c.version, c.opened_at, c.closed_at, c.next_due, c.kind, c.state
from circuits.case_ as c
where c.id = $1;

-- name: list_cases
-- Cases before the given one, the latest opened first.
select c.id, c.version, c.opened_at, c.closed_at, c.next_due, c.kind, c.state
from circuits.case_ as c
where $1::uuid is null
    or (c.opened_at, c.id) < (
        select b.opened_at, b.id from circuits.case_ as b where b.id = $1
    )
order by c.opened_at desc, c.id desc
limit $2;

-- name: list_open_cases
-- Open cases before the given one, the latest opened first.
select c.id, c.version, c.opened_at, c.closed_at, c.next_due, c.kind, c.state
from circuits.case_ as c
where c.closed_at is null
    and (
        $1::uuid is null
        or (c.opened_at, c.id) < (
            select b.opened_at, b.id from circuits.case_ as b where b.id = $1
        )
    )
order by c.opened_at desc, c.id desc
limit $2;

-- name: list_events
-- What happened in a case after its event with this number.
select e.n, e.body
from circuits.event as e
where e.case_id = $1 and e.n > $2
order by e.n
limit $3;

-- name: has_event
-- True where this happened in this case already.
select exists (
    select from circuits.event as e where e.case_id = $1 and e.id = $2
) as known;

-- name: find_ticket
-- The case and the action that a ticket is about.
select t.case_id, t.action from circuits.ticket as t where t.ticket = $1;

-- name: find_action
-- The case of an action.
select a.case_id, a.due_at, a.attempts, a.done_at, a.cause, a.body
from circuits.action as a
where a.id = $1;

-- name: take_actions
-- Actions of a lane that are due are ours until the lease ends; nobody waits for what another takes.
update circuits.action as a
set due_at = $2, attempts = a.attempts + 1
where a.id in (
    select d.id from circuits.action as d
    where d.done_at is null and d.lane = $4 and d.due_at <= $1
    order by d.due_at
    limit $3
    for update skip locked
)
returning a.id, a.case_id, a.attempts, a.body;

-- name: put_off
-- What was not done is due again at this moment. Found by its key, as above.
update circuits.action
set due_at = $2, cause = $3, attempts = greatest(attempts, $4)
where id = $1 and coalesce(done_at, 'infinity') = 'infinity';

-- name: take_due
-- Cases that have a deadline which came are ours until the lease ends.
update circuits.case_ as c
set next_due = $2
where c.id in (
    select d.id from circuits.case_ as d
    where d.next_due <= $1
    order by d.next_due
    limit $3
    for update skip locked
)
returning c.id;

-- name: settle_due
-- The first deadline of a case at this version.
update circuits.case_ set next_due = $3 where id = $1 and version = $2;

-- name: release_actions
-- What those who ran before had taken is due now.
update circuits.action set due_at = $1 where done_at is null and due_at > $1;

-- name: count_open
-- How many cases are open.
select count(*) as open from circuits.case_ as c where c.closed_at is null;

-- name: count_work
-- How much waits to be done in each lane, and of how much somebody tried it in vain.
select a.lane, count(*) as undone, count(*) filter (where a.cause <> '') as put_off
from circuits.action as a
where a.done_at is null
group by a.lane;

-- name: keep_answer
-- An answer that belongs to no case, once.
insert into circuits.answer (id, ticket, kind, flow, sent_at, came_at, content)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (id) do nothing;

-- name: list_answers
-- Answers after a position, in the order in which they came; none behind so many bytes.
select f.position, f.id, f.ticket, f.kind, f.flow, f.sent_at, f.came_at, f.content
from (
    select
        a.position, a.id, a.ticket, a.kind, a.flow, a.sent_at, a.came_at, a.content,
        sum(octet_length(a.content)) over (order by a.position) - octet_length(a.content) as before
    from circuits.answer as a
    where a.position > $1
    order by a.position
    limit $2
) as f
where f.before < $3
order by f.position;

-- name: take_answers
-- Who asked has these now.
delete from circuits.answer as a where a.id = any($1::uuid[]) returning a.id;

-- name: forget_answers
-- What nobody fetched up to now is told by the trail only.
delete from circuits.answer as a where a.came_at < $1;
