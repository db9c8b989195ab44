-- name: say
-- Each thing is said once of a matter by one sender; the mail that said it first is remembered.
insert into exchange.said (ticket, kind, number, sender, mail, stored_at)
select
    c.ticket, c.kind, c.number, c.sender, c.mail,
    coalesce((select k.at from exchange.clock as k where k.one), c.at)
from unnest($1::exchange.new_said[]) as c
on conflict (ticket, kind, number, sender) do nothing
returning ticket, kind, number, sender;

-- name: settle_requests
-- Nothing more is said of a request by itself: won once, by who says the last thing. Found by its
-- key: told that it is not settled, a plan may go through all that are not instead.
update exchange.request as r
set settled_at = c.settled_at
from unnest($1::exchange.settled_request[]) as c
where r.ticket = c.ticket and coalesce(r.settled_at, 'infinity') = 'infinity'
returning r.ticket;

-- name: open_requests
-- The rows of requests, each beside the entry whose id is its ticket.
insert into exchange.request
    (ticket, recorded_at, consumer, told, flow, supplier, due_at, expected, fields)
select
    c.ticket, c.recorded_at, c.consumer, c.told, c.flow, c.supplier, c.due_at, c.expected,
    c.fields
from unnest($1::exchange.narrowed_request[]) as c;

-- name: add_parts
-- Who was sent which number of a request.
insert into exchange.request_part (ticket, number, supplier)
select c.ticket, c.number, c.supplier
from unnest($1::exchange.new_part[]) as c;

-- name: count_requests
-- How many answers to expect; told once. Where that is none, nothing more is said.
update exchange.request as r
set
    expected = c.expected,
    settled_at = case
        when c.expected = 0 then coalesce(r.settled_at, r.due_at) else r.settled_at
    end
from unnest($1::exchange.counted_request[]) as c
where r.ticket = c.ticket and r.expected is null;

-- name: withdraw_requests
-- Nobody carries these on: nothing is said of them. Found by their key, as above.
update exchange.request as r
set settled_at = c.settled_at
from unnest($1::exchange.settled_request[]) as c
where r.ticket = c.ticket and coalesce(r.settled_at, 'infinity') = 'infinity';

-- name: find_request
-- A request, and how many of its answers came or failed.
select
    r.ticket, r.recorded_at, r.consumer, r.told, r.flow, r.supplier, r.due_at, r.expected,
    r.settled_at, r.fields,
    (
        select count(*) from exchange.said as s
        where s.ticket = r.ticket::text and s.kind = 'answer'
    ) as received
from exchange.request as r
where r.ticket = $1;

-- name: find_part
-- Who was sent this number of a request.
select supplier from exchange.request_part where ticket = $1 and number = $2;

-- name: find_number
-- Which number of a request this supplier was sent.
select number from exchange.request_part where ticket = $1 and supplier = $2;

-- name: find_said
-- The mail that said this first.
select mail from exchange.said where ticket = $1 and kind = $2 and number = $3 and sender = $4;

-- name: take_due
-- Requests whose time is over, taken by one process for a while: who takes them and dies leaves
-- them to be taken again.
update exchange.request as r
set swept_at = $1::timestamptz
where r.ticket in (
    select d.ticket from exchange.request as d
    where d.settled_at is null and d.due_at <= $1 and (d.swept_at is null or d.swept_at <= $2)
    order by d.due_at
    limit $3
    for update skip locked
)
returning
    r.ticket, r.recorded_at, r.consumer, r.told, r.flow, r.supplier, r.due_at, r.expected,
    r.settled_at, r.fields,
    (
        select count(*) from exchange.said as s
        where s.ticket = r.ticket::text and s.kind = 'answer'
    ) as received;

-- name: forget_requests
-- Those of which nobody takes an answer any more.
with gone as (
    delete from exchange.request
    where settled_at is not null and due_at < $1
    returning ticket
)
delete from exchange.request_part where ticket in (select g.ticket from gone as g);

-- name: forget_said
-- What was said before a time of the store's own clock.
delete from exchange.said where stored_at < $1;
