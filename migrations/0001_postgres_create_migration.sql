-- What has been done to this database, so that nothing is done twice or changed unseen.
create schema postgres;

create table postgres.migration (
    name text primary key,
    checksum bytea not null,
    applied_at timestamptz not null default now()
);
