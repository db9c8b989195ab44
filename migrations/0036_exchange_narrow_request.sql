-- Of the granted fields, those that a question alone asks; null: all. A row of the release before
-- has none, and its type stays as that release writes it.
alter table exchange.request add column fields text[];

create type exchange.narrowed_request as (
    ticket uuid,
    recorded_at timestamptz,
    consumer text,
    told text,
    flow text,
    supplier text,
    due_at timestamptz,
    expected integer,
    fields text[]
);
