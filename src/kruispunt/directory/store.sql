-- name: list_lines
-- All lines of one person.
select l.ssin, l.sector, l.quality, l.phase, l.begin_date, l.end_date, m.code as member
from directory.line as l
left join directory.member as m on m.id = l.member
where directory.key(l.ssin, l.sector, l.quality)
    between directory.key($1, 0, 0) and directory.key($1, 1023, 1023)
    and l.ssin = $1;

-- name: find_lines
-- The lines of one person in these sectors and qualities; of one member, where one is given. For
-- what has no line there is a row of nulls, so that finding none takes no less than finding one.
select l.sector, l.quality, l.phase, l.begin_date, l.end_date, m.code as member
from unnest($2::smallint[], $3::smallint[]) as q (sector, quality)
left join (directory.line as l left join directory.member as m on m.id = l.member)
    on directory.key(l.ssin, l.sector, l.quality) = directory.key($1::bigint, q.sector, q.quality)
    and ($4::text is null or m.code = $4::text);

-- name: find_many_lines
-- The same for many persons at once; `place` says for which of them.
select q.place, l.sector, l.quality, l.phase, l.begin_date, l.end_date, m.code as member
from unnest($1::integer[], $2::bigint[], $3::smallint[], $4::smallint[], $5::text[])
    as q (place, ssin, sector, quality, member)
left join (directory.line as l left join directory.member as m on m.id = l.member)
    on directory.key(l.ssin, l.sector, l.quality) = directory.key(q.ssin, q.sector, q.quality)
    and (q.member is null or m.code = q.member);

-- name: find_lines_of_many
-- The same for persons who all need these sectors and qualities, column by column and in the order
-- of the trail for each of them; days since year 1. All keys are found in one walk through the
-- index: 25 % less than a walk for each, and the index is taken where the table was never counted.
-- The persons come as the text of an array: an array of the driver's takes longer than the rest.
select
    array_agg(f.ssin), array_agg(f.sector), array_agg(f.quality), array_agg(f.phase),
    array_agg(f.begin_day), array_agg(f.end_day), array_agg(f.member)
from (
    select
        l.ssin, l.sector, l.quality, l.phase, m.code as member,
        l.begin_date - date '0001-01-01' + 1 as begin_day,
        l.end_date - date '0001-01-01' + 1 as end_day
    from directory.line as l
    left join directory.member as m on m.id = l.member
    where directory.key(l.ssin, l.sector, l.quality) = any (array(
            select directory.key(q.ssin, p.sector, p.quality)
            from unnest($1::text::bigint[]) as q (ssin)
            cross join unnest($2::smallint[], $3::smallint[]) as p (sector, quality)
        ))
        and ($4::text is null or m.code = $4::text)
    order by l.ssin, l.sector, l.quality, m.code collate "C" nulls first, l.begin_date, l.phase
) as f;

-- name: lock_person
-- Nobody else changes this person's lines, and no load merges, until this transaction ends.
select pg_advisory_xact_lock_shared(-1), pg_advisory_xact_lock($1);

-- name: lock_all
-- Nobody else changes a line until this transaction ends.
select pg_advisory_xact_lock(-1);

-- name: take_once
-- A row where these changes were not made before; by the transaction that makes them.
insert into directory.taken (change) values ($1) on conflict do nothing returning change;

-- name: keep_inverse
-- Days that these changes took, or brought where they did not stand; in the same transaction.
insert into directory.taken_days (
    change, stood, sector, quality, phase, begin_date, end_date, member
)
values ($1, $2, $3, $4, $5, $6, $7, (select m.id from directory.member as m where m.code = $8));

-- name: take_inverse
-- What takes these changes back, once: the days that go first. By the transaction that does it.
with gone as (
    delete from directory.taken_days
    where change = $1
    returning stood, sector, quality, phase, begin_date, end_date, member
)
select g.stood, g.sector, g.quality, g.phase, g.begin_date, g.end_date, m.code as member
from gone as g
left join directory.member as m on m.id = g.member
order by g.stood, g.sector, g.quality, g.phase, g.begin_date;

-- name: forget_taken
-- Changes made before may be made again: no message of that time counts any more.
delete from directory.taken where taken_at < $1;

-- name: delete_line
-- This line is gone.
delete from directory.line
where directory.key(ssin, sector, quality) = directory.key($1::bigint, $2::smallint, $3::smallint)
    and phase = $4
    and begin_date = $5
    and member is not distinct from (select m.id from directory.member as m where m.code = $6);

-- name: insert_line
-- This line stands.
insert into directory.line (ssin, sector, quality, phase, begin_date, end_date, member)
values ($1, $2, $3, $4, $5, $6, (select m.id from directory.member as m where m.code = $7));

-- name: add_members
-- These institutions have a number.
insert into directory.member (code)
select c.code from unnest($1::text[]) as c (code)
where not exists (select from directory.member as m where m.code = c.code)
on conflict (code) do nothing;

-- name: take_seat
-- This database is a node's directory, or a hub's, from the first time on.
select directory.take_seat($1);

-- name: find_seat
-- Does this directory name members; no row: nobody has said so yet.
select names_members from directory.seat;

-- name: stage_lines
-- A place for lines on their way in.
create temporary table line_staged (
    ssin bigint not null,
    sector smallint not null,
    quality smallint not null,
    phase smallint not null,
    begin_date date not null,
    end_date date,
    member text
) on commit drop;

-- name: list_staged_members
-- The institutions that the staged lines name.
select distinct s.member from line_staged as s where s.member is not null;

-- name: stage_meeting_lines
-- Lines that stand already and have the key of a staged one go through the merging again.
with met as (
    delete from directory.line as l
    using (
        select distinct s.ssin, s.sector, s.quality, s.phase, m.id as member
        from line_staged as s
        left join directory.member as m on m.code = s.member
    ) as k
    where directory.key(l.ssin, l.sector, l.quality) = directory.key(k.ssin, k.sector, k.quality)
        and l.phase = k.phase
        and l.member is not distinct from k.member
    returning l.ssin, l.sector, l.quality, l.phase, l.begin_date, l.end_date, l.member
)
insert into line_staged (ssin, sector, quality, phase, begin_date, end_date, member)
select o.ssin, o.sector, o.quality, o.phase, o.begin_date, o.end_date, m.code
from met as o
left join directory.member as m on m.id = o.member;

-- name: merge_staged
-- Lines of one key that overlap or touch become one line; they stand in order of person.
with reached as (
    select
        s.ssin, s.sector, s.quality, s.phase, s.begin_date, s.member,
        coalesce(s.end_date, 'infinity') as end_date,
        max(coalesce(s.end_date, 'infinity')) over (
            partition by s.ssin, s.sector, s.quality, s.phase, s.member
            order by s.begin_date
            rows between unbounded preceding and 1 preceding
        ) as reach
    from line_staged as s
), islands as (
    select
        r.ssin, r.sector, r.quality, r.phase, r.begin_date, r.end_date, r.member,
        count(*) filter (where r.reach is null or r.begin_date > r.reach) over (
            partition by r.ssin, r.sector, r.quality, r.phase, r.member
            order by r.begin_date
            rows between unbounded preceding and current row
        ) as island
    from reached as r
)
insert into directory.line (ssin, sector, quality, phase, begin_date, end_date, member)
select
    i.ssin, i.sector, i.quality, i.phase, min(i.begin_date),
    nullif(max(i.end_date), 'infinity'), min(m.id)
from islands as i
left join directory.member as m on m.code = i.member
group by i.ssin, i.sector, i.quality, i.phase, i.member, i.island
order by i.ssin, i.sector, i.quality;

-- name: any_line
-- Does any line stand.
select exists (select from directory.line);

-- name: analyze_lines
-- The planner knows the table again.
analyze directory.line;

-- name: list_members
-- The number of every institution that has one.
select id, code from directory.member;

-- name: make_fresh
-- A table like the one that stands, with its rules and without its index.
create table directory.line_fresh (
    like directory.line including defaults including constraints including storage
);

-- name: sort_in_memory
-- The index of this transaction is sorted without the disk, where it fits.
set local maintenance_work_mem = '512MB';

-- name: index_fresh
-- As the migration made it: one range of it holds a whole person.
create index line_fresh_by_key
on directory.line_fresh (directory.key(ssin, sector, quality));

-- name: drop_line
-- The empty table makes place.
drop table directory.line;

-- name: name_fresh
-- The fresh table takes its place.
alter table directory.line_fresh rename to line;

-- name: name_index
-- And its index that of the old one.
alter index directory.line_fresh_by_key rename to line_by_key;

-- name: list_lines_of_many
-- The lines of these persons in these sectors and qualities, of every phase and member, column by
-- column, found in one walk through the index; days since year 1.
select
    array_agg(l.ssin), array_agg(l.sector), array_agg(l.quality), array_agg(l.phase),
    array_agg(l.begin_date - date '0001-01-01' + 1),
    array_agg(l.end_date - date '0001-01-01' + 1), array_agg(m.code)
from unnest($1::text::bigint[]) as q (ssin)
join directory.line as l
    on directory.key(l.ssin, l.sector, l.quality)
        between directory.key(q.ssin, 0, 0) and directory.key(q.ssin, 1023, 1023)
    and (l.sector, l.quality) in (
        select p.sector, p.quality
        from unnest($2::smallint[], $3::smallint[]) as p (sector, quality)
    )
left join directory.member as m on m.id = l.member;

-- name: delete_many_lines
-- These lines are gone.
delete from directory.line as l
using unnest($1::directory.new_line[]) as g
where directory.key(l.ssin, l.sector, l.quality) = directory.key(g.ssin, g.sector, g.quality)
    and l.phase = g.phase
    and l.begin_date = g.begin_date
    and l.member is not distinct from (
        select m.id from directory.member as m where m.code = g.member
    );

-- name: insert_many_lines
-- These lines stand.
insert into directory.line (ssin, sector, quality, phase, begin_date, end_date, member)
select g.ssin, g.sector, g.quality, g.phase, g.begin_date, g.end_date, m.id
from unnest($1::directory.new_line[]) as g
left join directory.member as m on m.code = g.member;
