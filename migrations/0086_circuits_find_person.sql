-- Which cases are about whom, under every number that the person had while they ran: by it a
-- declaration that nobody asked for (05/022 §4) finds its case.
create table circuits.person (
    ssin bigint not null,
    case_id uuid not null,
    primary key (ssin, case_id)
);

insert into circuits.person (ssin, case_id)
select (convert_from(e.body, 'UTF8')::jsonb -> 'person' ->> 'digits')::bigint, e.case_id
from circuits.event as e
where e.n = 1 and convert_from(e.body, 'UTF8')::jsonb -> 'person' ->> 'digits' is not null;

create type circuits.new_person as (ssin bigint, case_id uuid);

-- Declarations that nobody asked for, as they came. `told_at`: when a case was told; none: there is
-- no such case, or not yet.
create table circuits.declared (
    id uuid primary key,
    ssin bigint not null,
    received_at timestamptz not null,
    told_at timestamptz,
    body bytea not null
);

create index declared_untold on circuits.declared (ssin) where told_at is null;
create index declared_by_age on circuits.declared (received_at);
