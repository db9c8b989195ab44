-- Whom an event makes its case be about: who opened it, or the number that replaced another. None:
-- no event that says so. Only these are read: what others bring is not ours, and may be no jsonb.
create function circuits.person_of(body bytea) returns bigint
language sql immutable parallel safe
return case
    when encode(substring(body from 1 for 40), 'escape')
        ~ '^[{]"type":"(risk-declared|inquiry-begun)"'
        then (convert_from(body, 'UTF8')::jsonb -> 'person' ->> 'digits')::bigint
    when encode(substring(body from 1 for 40), 'escape')
        ~ '^[{]"type":"(number-replaced|consultation-refused|unemployment-refused)"'
        then (convert_from(body, 'UTF8')::jsonb -> 'successor' ->> 'digits')::bigint
end;

-- The first filling took the numbers of openings alone.
insert into circuits.person (ssin, case_id)
select circuits.person_of(e.body), e.case_id
from circuits.event as e
where circuits.person_of(e.body) is not null
on conflict do nothing;
