-- Requests whose answers come by mail. The row of a request stands in the same commit as its entry;
-- it holds no content, and names nobody: the trail has who it is about.
create table exchange.request (
    ticket uuid primary key,
    recorded_at timestamptz not null,
    consumer text not null,
    told text not null,
    flow text not null,
    supplier text,
    due_at timestamptz not null,
    expected integer,
    settled_at timestamptz,
    swept_at timestamptz
);

create index request_due_at on exchange.request (due_at) where settled_at is null;
create index request_over on exchange.request (due_at) where settled_at is not null;

-- Which supplier was sent which number of a request: only at a node that fans out, for its members.
create table exchange.request_part (
    ticket uuid not null,
    number integer not null,
    supplier text not null,
    primary key (ticket, number)
);

-- What was said of a matter by mail, by whom: each thing once, so a mail that comes again does
-- nothing. Number 0 where it is not one of several.
create table exchange.said (
    ticket text not null,
    kind text not null,
    number integer not null,
    sender text not null,
    mail uuid not null,
    stored_at timestamptz not null,
    primary key (ticket, kind, number, sender)
);

create index said_stored_at on exchange.said (stored_at);

create type exchange.new_request as (
    ticket uuid,
    recorded_at timestamptz,
    consumer text,
    told text,
    flow text,
    supplier text,
    due_at timestamptz,
    expected integer
);

create type exchange.new_part as (ticket uuid, number integer, supplier text);

create type exchange.new_said as (
    ticket text,
    kind text,
    number integer,
    sender text,
    mail uuid,
    at timestamptz
);

create type exchange.counted_request as (ticket uuid, expected integer);

create type exchange.settled_request as (ticket uuid, settled_at timestamptz);
