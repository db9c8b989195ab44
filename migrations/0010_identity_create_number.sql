-- What the registers say of a number. No row: unknown. Of a replaced number `successor` is always
-- the last of the chain, so that one row settles it.
create schema identity;

create table identity.number (
    ssin bigint primary key,
    successor bigint,
    deceased_on date,
    status smallint not null check (status between 1 and 4),
    check ((successor is not null) = (status = 2)),
    check ((deceased_on is not null) = (status = 4)),
    check (successor <> ssin)
);

create index number_by_successor on identity.number (successor) where successor is not null;
