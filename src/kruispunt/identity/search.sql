-- name: find_words
-- The words in use that share a spelling with a word that is asked for, with the place of that one.
select distinct q.place, s.word
from unnest($1::integer[], $2::text[]) as q (place, spelling)
join identity.spelling as s on s.spelling = q.spelling;

-- name: find_born
-- Everyone born between two births, or at one of a few besides: only for a few days.
select p.ssin, p.born, p.sex, p.last_name, p.given_names
from identity.person as p
where p.born between $1 and $2 or p.born = any($3::integer[])
order by abs(p.born - $4), p.ssin
limit $5;

-- name: find_called
-- Who is found by most of the words that are asked for, and was born in one of some ranges, which
-- have nothing in common; of those found by as many, whoever was born nearest to a birth. A word counts for
-- as much as it tells.
with best as (
    select c.ssin
    from unnest($3::text[], $4::integer[]) as w (word, weight)
    cross join unnest($1::integer[], $2::integer[]) as b (first, last)
    join identity.called as c on c.word = w.word and c.born between b.first and b.last
    group by c.ssin, c.born
    order by sum(w.weight) desc, abs(c.born - $5), c.ssin
    limit $6
)

select p.ssin, p.born, p.sex, p.last_name, p.given_names
from best as b
join identity.person as p on p.ssin = b.ssin;

-- name: count_anew
-- The planner knows at once how many persons and words there are.
analyze identity.person, identity.called, identity.spelling;

-- name: put_person
-- This is what the person is called and born from now on.
insert into identity.person (ssin, born, sex, last_name, given_names) values ($1, $2, $3, $4, $5)
on conflict (ssin) do update
set born = excluded.born,
    sex = excluded.sex,
    last_name = excluded.last_name,
    given_names = excluded.given_names;

-- name: lock_person
-- Whether the person is found now, and what by; nobody else changes it until this transaction ends.
select p.ssin, p.born, p.sex, p.last_name, p.given_names
from identity.person as p
where p.ssin = $1
for update;

-- name: drop_words
-- The person is found by none of these words any more.
delete from identity.called where ssin = $1 and born = $2 and word = any($3::text[]);

-- name: put_words
-- The person is found by these words too.
insert into identity.called (word, born, ssin)
select w.word, $2, $1 from unnest($3::text[]) as w (word)
on conflict (word, born, ssin) do nothing;

-- name: put_spellings
-- The words are in use, by each of these spellings.
insert into identity.spelling (spelling, word)
select s.spelling, s.word from unnest($1::text[], $2::text[]) as s (spelling, word)
on conflict (spelling, word) do nothing;

-- name: drop_person
-- The person is not found any more.
delete from identity.person where ssin = $1;
