-- What each statement of a commit is given: an array of rows of one of these types. A type never
-- changes, since a process of the release before may still send it: another row is another type.
create type exchange.new_nonce as (consumer text, nonce bytea, expires_at bigint);

create type exchange.new_message as (
    consumer text,
    message_id uuid,
    digest bytea,
    entry uuid,
    recorded_at timestamptz
);

create type exchange.reopened_message as (
    consumer text,
    message_id uuid,
    claimed_at timestamptz,
    abandoned_before timestamptz
);

create type exchange.closed_message as (
    consumer text,
    message_id uuid,
    closed_at timestamptz,
    claimed_at timestamptz
);
