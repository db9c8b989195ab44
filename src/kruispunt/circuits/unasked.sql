-- name: keep_declared
-- A declaration stands once, as it came first; what stands for too long is forgotten.
with forgotten as (
    delete from circuits.declared where received_at < $5
)
insert into circuits.declared (id, ssin, received_at, body)
values ($1, $2, $3, $4)
on conflict (id) do nothing
returning id;

-- name: find_declared
-- A declaration as it came.
select d.body from circuits.declared as d where d.id = $1;

-- name: list_untold
-- Declarations that no case was told of, about people of whom there is an open case,
-- in the order of their ids, after the given one.
select d.body
from circuits.declared as d
where d.told_at is null
    and ($1::bigint is null or d.ssin = $1)
    and ($2::uuid is null or d.id > $2)
    and exists (
        select from circuits.person as p
        join circuits.case_ as c on c.id = p.case_id
        where p.ssin = d.ssin and c.closed_at is null
    )
order by d.id
limit $3;

-- name: tell_declared
-- A case was told.
update circuits.declared set told_at = $2 where id = $1 and told_at is null;
