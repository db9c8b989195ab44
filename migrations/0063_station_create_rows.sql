-- What each statement of a commit is given: an array of rows of one of these types. A type never
-- changes, since a process of the release before may still send it: another row is another type.
create type station.new_nonce as (nonce bytea, expires_at timestamptz);
comment on type station.new_nonce is 'A nonce on its way into the table. Holds nothing by itself.';

create type station.new_look as (
    at timestamptz,
    entry uuid,
    flow text,
    ssin bigint,
    clause text,
    rows integer
);
comment on type station.new_look is 'A look on its way into the table. Holds nothing by itself.';
