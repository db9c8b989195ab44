-- What the statements for a block of entries that are alike are given: an array of rows of one of
-- these types, beside what all of them share. A type never changes, since a process of the release
-- before may still send it.
create type audit.alike_decision as (
    ssin bigint,
    successor bigint,
    ground integer,
    about_begin date,
    about_end date,
    reason smallint,
    id uuid,
    message_id uuid,
    facts bytea,
    blinded bytea
);

create type audit.alike_outcome as (
    entry uuid,
    shown integer,
    ending smallint,
    cause text,
    blinded bytea
);

create type audit.alike_change as (
    ssin bigint,
    id uuid,
    sealed bytea,
    blinded bytea
);
