-- name: find_member
-- Where letters reach a member, by number.
select m.name, m.address, m.language
from circuits.member as m
where m.ssin = $1;
