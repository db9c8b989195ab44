-- name: put_mail
-- Mail stands in its mailbox at the next positions, in the order of rows; that whose id was put
-- before for the same recipient is left out.
insert into mailbox.mail (
    position, day, held, id, recipient, kind, flow, ticket, sealed_for, person, sealed, sent_at,
    due_at
)
select
    p.position_, p.day_, p.held_, p.id_, p.recipient_, p.kind_, p.flow_, p.ticket_,
    p.sealed_for_, p.person_, p.sealed_, p.sent_at_, p.due_at_
from mailbox.placed($1::mailbox.new_mail[]) as p;

-- name: read_mail
-- Mail after a position that waits for nothing, in order, within these bounds.
select
    m.position_, m.id_, m.kind_, m.flow_, m.ticket_, m.sealed_for_, m.person_, m.sealed_,
    m.sent_at_, m.due_at_
from mailbox.waiting_mail($1, $2, $3, $4) as m;

-- name: find_mail
-- One mail that waits, held or not.
select
    m.position as position_, m.id as id_, m.kind as kind_, m.flow as flow_, m.ticket as ticket_,
    m.sealed_for as sealed_for_, m.person as person_, m.sealed as sealed_, m.sent_at as sent_at_,
    m.due_at as due_at_
from mailbox.known as k
join mailbox.mail as m
    on m.day = k.day and m.recipient = k.recipient and m.position = k.position
where k.recipient = $1 and k.id = $2;

-- name: read_box
-- How a mailbox is emptied, and how much waits in it behind dead letters.
select
    b.mode,
    (select count(*) from mailbox.mail as m where m.recipient = b.recipient and m.held) as held
from mailbox.box as b
where b.recipient = $1;

-- name: acknowledge_mail
-- The mail of these ids is gone; how much there was.
select mailbox.acknowledge($1, $2::uuid[]) as done;

-- name: bury_mail
-- A mail is a dead letter; false where it is not there.
select mailbox.bury($1, $2, $3, $4) as done;

-- name: bury_told
-- A mail of which all is told is a dead letter without content, behind which nothing waits.
with gone as (
    delete from mailbox.mail as m
    using mailbox.known as k
    where k.recipient = $1 and k.id = $2
        and m.day = k.day and m.recipient = k.recipient and m.position = k.position
    returning m.position, m.sent_at, m.due_at, m.day, m.id, m.recipient, m.kind, m.flow,
        m.ticket, m.sealed_for, m.person
)
insert into mailbox.dead (
    position, sent_at, due_at, died_at, day, id, recipient, kind, flow, ticket, sealed_for,
    reason, person, sealed
)
select
    g.position, g.sent_at, g.due_at, $4, g.day, g.id, g.recipient, g.kind, g.flow, g.ticket,
    g.sealed_for, $3, g.person, null
from gone as g
returning true as done;

-- name: release_mail
-- A dead letter is mail again; false where there is none with content.
select mailbox.release($1, $2, $3) as done;

-- name: drop_mail
-- A dead letter is gone for good; false where there is none.
select mailbox.drop_dead($1, $2) as done;

-- name: set_modes
-- How these mailboxes are emptied from now on.
insert into mailbox.box (recipient, mode)
select r.name, $2 from unnest($1::text[]) as r (name) order by r.name
on conflict (recipient) do update set mode = excluded.mode where box.mode <> excluded.mode;

-- name: list_boxes
-- Every mailbox: what waits in it, what waits behind dead letters, and those.
select
    b.recipient, b.mode, b.last,
    count(m.id) as waiting,
    count(m.id) filter (where m.held) as held,
    min(m.sent_at) as oldest,
    (select count(*) from mailbox.dead as d where d.recipient = b.recipient) as dead
from mailbox.box as b
left join mailbox.mail as m on m.recipient = b.recipient
group by b.recipient
order by b.recipient;

-- name: list_dead
-- Dead letters, the latest first; of one mailbox where that is given.
select
    d.recipient, d.id, d.kind, d.flow, d.ticket, d.sent_at, d.died_at, d.reason,
    d.sealed is not null as whole
from mailbox.dead as d
where $1::text is null or d.recipient = $1
order by d.died_at desc, d.id
limit $2;

-- name: list_dead_requests
-- Dead requests of every mailbox, the oldest first; after this one where that is given.
select
    d.recipient, d.id, d.kind, d.flow, d.ticket, d.sent_at, d.died_at, d.reason,
    d.sealed is not null as whole
from mailbox.dead as d
where d.kind = 'request' and ($1::timestamptz is null or (d.died_at, d.id) > ($1, $2::uuid))
order by d.died_at, d.id
limit $3;

-- name: open_day
-- The partition of a day stands.
select mailbox.open_day($1::date)::text;

-- name: days_before
-- Days before this one that have a partition.
select d as day from mailbox.days_before($1::date) as d order by d;

-- name: bury_old
-- What was sent before this day is a dead letter without content; how much that was.
select mailbox.bury_old($1::date, $2) as lost;

-- name: drop_day
-- The partition of a day is gone; false: not yet.
select mailbox.drop_day($1::date) as done;

-- name: forget_ids
-- Ids of before this day may be put again, unless a dead letter can be released still.
delete from mailbox.known as k
where k.day < $1::date and not exists (
    select from mailbox.dead as d
    where d.recipient = k.recipient and d.id = k.id and d.sealed is not null
);

-- name: empty_dead
-- Dead letters of before this moment have no content, and hold up nothing.
select mailbox.empty_dead($1) as done;

-- name: forget_dead
-- Dead letters of before this moment are forgotten.
delete from mailbox.dead where died_at < $1 and sealed is null;

-- name: hold_carrier
-- One carrier at a time: the second waits here until the first has gone.
select pg_advisory_lock(hashtext('mailbox.carry'))::text;

-- name: start_clock
-- The store's own clock, where it has none yet.
insert into mailbox.clock (at) values ($1) on conflict (one) do nothing;

-- name: read_clock
-- What the store's own clock says.
select at from mailbox.clock where one;

-- name: advance_clock
-- Put on by who saw it last; another who put it on meanwhile has counted the time.
update mailbox.clock set at = $2 where one and at = $1
returning at;
