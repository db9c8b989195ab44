-- name: spend
-- One file for each flow and sender, for ever: who names the one that stands is let through, however
-- often; whoever names another is not. Of two that come first at once, one is.
with spend_first as (
    select distinct on (c.flow, c.sender) c.flow, c.sender, c.file, c.batches, c.at
    from unnest($1::exchange.new_spent[]) as c
    order by c.flow, c.sender, c.file
),
spend_made as (
    insert into exchange.spent (flow, sender, file, batches, spent_at)
    select f.flow, f.sender, f.file, f.batches, f.at from spend_first as f
    where not exists (
        select from exchange.spent as s where s.flow = f.flow and s.sender = f.sender
    )
    on conflict (flow, sender) do nothing
    returning flow, sender, file, batches
),
spend_stands as (
    select m.flow, m.sender, m.file, m.batches from spend_made as m
    union all
    select s.flow, s.sender, s.file, s.batches
    from exchange.spent as s
    join spend_first as f on f.flow = s.flow and f.sender = s.sender
)
select c.flow, c.sender, c.mail
from unnest($1::exchange.new_spent[]) as c
join spend_stands as s on s.flow = c.flow and s.sender = c.sender
where s.file = c.file and s.batches = c.batches;

-- name: add_batches
-- What became of the persons of one batch; how many, never whom. Each mail once for ever, and where
-- its sender said of how many batches its part is, no more than those: the rest does not come back.
with add_new as (
    select
        c.mail, c.flow, c.file, c.sender, c.persons, c.passed, c.recorded_at, c.digest, c.batches,
        row_number() over (partition by c.flow, c.sender order by c.mail) as place
    from unnest($1::exchange.counted_batch[]) as c
    where not exists (select from exchange.batch as b where b.mail = c.mail)
),
add_placed as (
    select
        n.mail, n.flow, n.file, n.sender, n.persons, n.passed, n.recorded_at, n.digest, n.batches,
        n.place + (
            select count(*) from exchange.batch as b
            where n.batches > 0 and b.flow = n.flow and b.sender = n.sender
        ) as place
    from add_new as n
)
insert into exchange.batch (
    mail, flow, file, sender, persons, passed, recorded_at, digest, number
)
select
    p.mail, p.flow, p.file, p.sender, p.persons, p.passed, p.recorded_at, p.digest,
    case when p.batches > 0 then p.place end
from add_placed as p
where p.batches = 0 or p.place <= p.batches
on conflict do nothing
returning mail;

-- name: find_batch
-- The batch that came by this mail.
select sender, digest from exchange.batch where mail = $1;

-- name: count_batches
-- How many batches of its part this sender sent.
select count(*) as n from exchange.batch where flow = $1 and sender = $2;

-- name: find_spent
-- The file that this sender has sent.
select file from exchange.spent where flow = $1 and sender = $2;

-- name: list_files
-- The files of which batches came, and what became of their persons.
select
    b.flow, b.file, count(*) as batches, sum(b.persons)::bigint as persons,
    sum(b.passed)::bigint as passed, min(b.recorded_at) as first_at, max(b.recorded_at) as last_at
from exchange.batch as b
group by b.flow, b.file
order by min(b.recorded_at), b.flow, b.file;
