-- The tree: where each entry stands in it. One row for each time that leaves were sealed.
-- `began` and `ended` are the first and last time in it: they lead from an entry to its place.
-- `places` holds kind (1 byte) and entry (16 bytes) of its leaves, in order. The leaves themselves
-- stand in the published files.
create table audit.sealed (
    first bigint primary key,
    began timestamptz not null,
    ended timestamptz not null,
    size integer not null check (size > 0),
    root bytea not null,
    places bytea not null,
    check (octet_length(places) = 17 * size)
);
alter table audit.sealed alter column places set storage external;
create index sealed_by_time on audit.sealed using gist (tstzrange(began, ended, '[]'));

-- The data of leaves that were sealed of late: a sealer that was killed before it had written
-- their files, or a state folder put back from a backup, finds them here.
create table audit.fresh (
    first bigint primary key,
    sealed_at timestamptz not null,
    blinded bytea not null
);
alter table audit.fresh alter column blinded set storage external;
create index fresh_by_age on audit.fresh (sealed_at);

-- Rows of this table live for a second: what they leave behind is to be cleared away at once.
alter table audit.pending set (
    autovacuum_vacuum_scale_factor = 0.0,
    autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_threshold = -1,
    autovacuum_vacuum_cost_delay = 0
);
