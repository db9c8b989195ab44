-- Requests that came by mail and were answered: one look for each, however often it came.

create table station.mail (
    id uuid primary key,
    at timestamptz not null
);
comment on table station.mail is
    'Requests that came by mail: a look is written once for each, although mail comes at least once.';
create index mail_at on station.mail using brin (at);

create type station.new_mail as (id uuid, at timestamptz);
comment on type station.new_mail is 'A mail on its way into the table. Holds nothing by itself.';
