-- A batch has a place among as many as its sender said that there are: null where that is not told.
-- `digest`: what it says, so that another content under its id is noticed for ever; null: of a
-- release before.
alter table exchange.batch add column number integer;
alter table exchange.batch add column digest bytea;

create unique index batch_number on exchange.batch (flow, sender, number);

create type exchange.counted_batch as (
    mail uuid,
    flow text,
    file uuid,
    sender text,
    persons integer,
    passed integer,
    recorded_at timestamptz,
    digest bytea,
    batches integer
);
