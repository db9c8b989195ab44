-- name: claim_nonces
-- Each (consumer, nonce) is won once, by the process that commits first; a taken one is not returned.
insert into exchange.nonce (consumer, nonce, expires_at, stored_at)
select
    c.consumer, c.nonce, c.expires_at,
    coalesce((select k.at from exchange.clock as k where k.one), to_timestamp(c.expires_at))
from unnest($1::exchange.new_nonce[]) as c
on conflict (consumer, nonce) do nothing
returning consumer, nonce;

-- name: claim_messages
-- Each (consumer, message_id) is won once; who loses reads the first claim and repeats its decision.
insert into exchange.message
    (consumer, message_id, digest, entry, recorded_at, claimed_at, stored_at)
select
    c.consumer, c.message_id, c.digest, c.entry, c.recorded_at, c.recorded_at,
    coalesce((select k.at from exchange.clock as k where k.one), c.recorded_at)
from unnest($1::exchange.new_message[]) as c
on conflict (consumer, message_id) do nothing
returning consumer, message_id;

-- name: reopen_messages
-- A message that is closed, or whose process died, goes in flight again; another one is not returned.
update exchange.message as m
set claimed_at = c.claimed_at, closed_at = null
from unnest($1::exchange.reopened_message[]) as c
where m.consumer = c.consumer
    and m.message_id = c.message_id
    and (m.closed_at is not null or m.claimed_at <= c.abandoned_before)
returning m.consumer, m.message_id;

-- name: close_messages
-- The message is answered and may be repeated; one that another has taken since stays in flight.
update exchange.message as m
set closed_at = c.closed_at
from unnest($1::exchange.closed_message[]) as c
where m.consumer = c.consumer
    and m.message_id = c.message_id
    and m.claimed_at = c.claimed_at;

-- name: find_message
-- The first claim of a message id.
select digest, entry, recorded_at, claimed_at, closed_at
from exchange.message
where consumer = $1 and message_id = $2;

-- name: forget_nonces
-- Those that expired, and were claimed, before a time of the store's own clock.
delete from exchange.nonce where expires_at < $1 and stored_at < $2;

-- name: forget_messages
-- After the keeping time, by the store's own clock, a message id is new again, however often it
-- was repeated.
delete from exchange.message where stored_at < $1;

-- name: start_clock
-- The store's own clock, where it has none yet.
insert into exchange.clock (at) values ($1) on conflict (one) do nothing;

-- name: read_clock
-- What the store's own clock says.
select at from exchange.clock where one;

-- name: advance_clock
-- Put on by who saw it last; another who put it on meanwhile has counted the time.
update exchange.clock set at = $2 where one and at = $1
returning at;

-- name: find_taken_file
-- How far a file has come; no row: nothing of it was taken.
select lines, bytes, told_bytes, begun_at, ended_at
from exchange.taken_file
where institution = $1 and digest = $2 and flow = $3 and act = $4 and purpose = $5
    and order_id = $6;

-- name: begin_taken_file
-- This file is being taken.
insert into exchange.taken_file (
    institution, digest, flow, act, purpose, order_id, lines, bytes, told_bytes, begun_at
)
values ($1, $2, $3, $4, $5, $6, 0, 0, 0, $7)
on conflict do nothing;

-- name: advance_taken_file
-- So far it has come, by the transaction that takes the block; a row where nobody else took it.
update exchange.taken_file
set lines = $7, bytes = $8, told_bytes = $9, ended_at = $10
where institution = $1 and digest = $2 and flow = $3 and act = $4 and purpose = $5
    and order_id = $6 and lines = $11 and ended_at is null
returning lines;

-- name: owe_lines
-- The hub above has to hear of this change; in the transaction that makes it.
insert into exchange.owed_lines (
    ticket, entry, recorded_at, act, sector, quality, phase, whole, line_begin, due_at
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: settle_lines
-- The hub above has answered.
delete from exchange.owed_lines where ticket = $1;

-- name: take_owed_lines
-- Changes of which nobody hears from the hub, taken by one process for a while: who takes them and
-- dies leaves them to be taken again.
update exchange.owed_lines as o
set due_at = $2
where o.ticket in (
    select d.ticket from exchange.owed_lines as d
    where d.due_at <= $1
    order by d.due_at
    limit $3
    for update skip locked
)
returning
    o.ticket, o.entry, o.recorded_at, o.act, o.sector, o.quality, o.phase, o.whole, o.line_begin;
