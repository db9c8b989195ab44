-- What each statement of a commit is given: an array of rows of one of these types. A type never
-- changes, since a process of the release before may still send it: another row is another type.
-- `blinded`: the data of the leaf, for the sealer.
create type audit.new_decision as (
    recorded_at timestamptz,
    received_at timestamptz,
    sent_at timestamptz,
    ssin bigint,
    successor bigint,
    lawbook integer,
    consumer integer,
    flow integer,
    purpose integer,
    ground integer,
    key integer,
    proof_created integer,
    proof_life integer,
    asked_on date,
    about_begin date,
    about_end date,
    form smallint,
    reason smallint,
    id uuid,
    message_id uuid,
    repeats uuid,
    nonce bytea,
    signature bytea,
    digest bytea,
    facts bytea,
    ticket text,
    file_reference text,
    asked_by text,
    role text,
    blinded bytea
);

create type audit.new_outcome as (
    recorded_at timestamptz,
    ended_at timestamptz,
    shown integer,
    form smallint,
    ending smallint,
    entry uuid,
    cause text,
    blinded bytea
);

create type audit.new_reading as (
    recorded_at timestamptz,
    ssin bigint,
    id uuid,
    institution text,
    encoded bytea,
    blinded bytea
);
