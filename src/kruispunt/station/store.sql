-- What a station asks: the institution's own select, wrapped; and its log. A nonce is claimed
-- once, a look is written before its answer leaves, and no line of the log tells what it was.

-- name: answer_many
-- The wrapping of an institution's select, in braces what is filled in. One query for the numbers,
-- begins and ends of many questions: the columns, then the place of the question, from 1. At most
-- `limit` rows a question, in the order of the select.
select {outer}, q.n
from unnest($1::text[], $2::date[], $3::date[]) with ordinality as q (ssin, "begin", "end", n)
cross join lateral (
    select {inner} from (
{sql}
    ) as answer
    limit {limit}
) as r

-- name: list_all
-- The wrapping of an institution's select about everyone, in braces what is filled in: the columns,
-- about the days from $1 up to but not including $2, in the order of the select.
select {inner}
from (select $1::date as "begin", $2::date as "end") as q
cross join lateral (
{sql}
) as answer

-- name: claim_nonce
-- Gives back the nonces that nobody had claimed; a missing one was used before.
insert into station.nonce (nonce, expires_at, stored_at)
select
    c.nonce, c.expires_at,
    coalesce((select k.at from station.clock as k where k.one), c.expires_at)
from unnest($1::station.new_nonce[]) as c
on conflict (nonce) do nothing
returning nonce

-- name: claim_mail
-- Gives back the mails that nobody had claimed; a missing one came before, with its look.
insert into station.mail (id, at)
select
    m.id, m.at
from unnest($1::station.new_mail[]) as m
on conflict (id) do nothing
returning id

-- name: forget_mail
-- Drops mails that were answered before a time.
delete from station.mail
where at < $1::timestamptz

-- name: add_look
-- One line per question, in the same commit as its nonce or mail.
insert into station.look (at, entry, flow, ssin, clause, rows)
select l.at, l.entry, l.flow, l.ssin, l.clause, l.rows
from unnest($1::station.new_look[]) as l

-- name: forget_nonces
-- Drops the nonces that expired, and were claimed, before a time of the store's own clock.
delete from station.nonce
where expires_at < $1::timestamptz and stored_at < $1::timestamptz

-- name: start_clock
-- The store's own clock, where it has none yet.
insert into station.clock (at) values ($1::timestamptz)
on conflict (one) do nothing

-- name: read_clock
-- What the store's own clock says.
select at from station.clock where one

-- name: advance_clock
-- Put on by who saw it last; another who put it on meanwhile has counted the time.
update station.clock set at = $2::timestamptz
where one and at = $1::timestamptz
returning at

-- name: touch_log
-- Fails where the log is not there: no answer could leave.
select count(*) as found
from (select entry from station.look limit 1) as look

-- name: list_looks
-- The latest looks at one person, newest first.
select at, entry, flow, ssin, clause, rows
from station.look
where ssin = $1::bigint
order by at desc
limit $2::integer

-- name: find_writable
-- Tables that the reading role could change: a station should read under a role without any.
select relation.oid::regclass::text as name
from pg_catalog.pg_class as relation
inner join pg_catalog.pg_namespace as space on relation.relnamespace = space.oid
where
    relation.relkind in ('r', 'p')
    and space.nspname !~ '^pg_'
    and space.nspname <> 'information_schema'
    and pg_catalog.has_table_privilege(relation.oid, 'insert, update, delete, truncate')
order by 1
limit 10
