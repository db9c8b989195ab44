-- What changes that were taken once came to, day by day, so that exactly that can be taken back.
create table directory.taken_days (
    change uuid not null references directory.taken (change) on delete cascade,
    stood boolean not null,
    sector smallint not null,
    quality smallint not null,
    phase smallint not null,
    begin_date date not null,
    end_date date,
    member smallint
);

create index taken_days_by_change on directory.taken_days (change);
