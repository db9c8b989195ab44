-- name: add_change
-- The change stands in the trail and waits for its place in the tree, or neither; written by the
-- transaction that makes it.
with added_change as (
    insert into audit.change (recorded_at, ssin, id, institution, sealed)
    values ($1, $2, $3, $4, $5)
)
insert into audit.pending (recorded_at, kind, entry, blinded) values ($1, 4, $3, $6);

-- name: changes_about
-- Changes about a person, by one institution where that is given, latest first, before one.
select recorded_at, ssin, id, institution, sealed
from audit.changes_about($1, $2, $3, $4, $5, $6)
order by recorded_at desc, id desc;

-- name: page_changes
-- Changes of a time, by one institution where that is given, latest first.
select recorded_at, ssin, id, institution, sealed
from audit.change
where recorded_at >= $1 and recorded_at < $2 and id < $3
    and ($4::text is null or institution = $4)
order by id desc
limit $5;

-- name: changes_of
-- Changes about a person after this one, the earliest first.
select recorded_at, ssin, id, institution, sealed
from audit.change
where ssin = $1 and recorded_at >= $2 and (recorded_at, id) > ($2, $3)
order by recorded_at, id
limit $4;
