-- name: find_number
-- What the registers say of one number; status null: unknown. There is a row either way, so that
-- the one takes no longer than the other.
select n.status, n.successor, n.deceased_on
from (values ($1::bigint)) as q (ssin)
left join identity.number as n on n.ssin = q.ssin;

-- name: find_numbers
-- The same for many, in their order; status null: unknown.
select n.status, n.successor, n.deceased_on
from unnest($1::bigint[]) with ordinality as q (ssin, place)
left join identity.number as n on n.ssin = q.ssin
order by q.place;

-- name: find_number_columns
-- The same, column by column, and only of numbers that stand in a register; in no order, each once.
-- The numbers come as the text of an array: an array of the driver's takes longer than the rest.
select array_agg(n.ssin), array_agg(n.status), array_agg(n.successor), array_agg(n.deceased_on)
from identity.number as n
where n.ssin = any($1::text::bigint[]);

-- name: lock_numbers
-- What the registers say of these numbers; nobody else changes them until this transaction ends.
select ssin, status, successor, deceased_on
from identity.number
where ssin = any($1::bigint[])
order by ssin
for update;

-- name: put_number
-- The number has this status now.
insert into identity.number (ssin, status, successor, deceased_on) values ($1, $2, $3, $4)
on conflict (ssin) do update
set status = excluded.status,
    successor = excluded.successor,
    deceased_on = excluded.deceased_on;

-- name: lead_on
-- Who was replaced by the first number is now replaced by the second.
update identity.number set successor = $2 where successor = $1;

-- name: stage_numbers
-- A place for numbers on their way in.
create temporary table number_staged (
    ssin bigint not null,
    status smallint not null,
    successor bigint,
    deceased_on date
) on commit drop;

-- name: count_doubles
-- How many numbers stand twice among the new ones, or there already.
select count(*) from (
    select s.ssin from number_staged as s group by s.ssin having count(*) > 1
    union all
    select n.ssin from identity.number as n join number_staged as s on s.ssin = n.ssin
) as d;

-- name: take_staged
-- The new numbers stand in the register.
insert into identity.number (ssin, status, successor, deceased_on)
select s.ssin, s.status, s.successor, s.deceased_on from number_staged as s order by s.ssin;

-- name: shorten_chains
-- Every replaced number leads one step further where its successor is replaced too.
with led as (
    update identity.number as n
    set successor = m.successor
    from identity.number as m
    where n.successor = m.ssin and m.status = 2
    returning 1
)
select count(*) from led;

-- name: count_lost
-- How many replaced numbers lead to a number that is in no register.
select count(*)
from identity.number as n
left join identity.number as m on m.ssin = n.successor
where n.successor is not null and m.ssin is null;
