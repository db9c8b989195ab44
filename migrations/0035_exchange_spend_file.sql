-- One-time files: a clause that lets one file be sent is used up by it. `sender`: whose part it is
-- where a node joins the parts of its members; empty for the file as a whole. Never forgotten.
create table exchange.spent (
    flow text not null,
    sender text not null,
    file uuid not null,
    batches integer not null,
    spent_at timestamptz not null,
    primary key (flow, sender)
);

-- Each batch of a file, in the commit of the entries of its persons: how many came, and how many
-- were passed on.
create table exchange.batch (
    mail uuid primary key,
    flow text not null,
    file uuid not null,
    sender text not null,
    persons integer not null,
    passed integer not null,
    recorded_at timestamptz not null
);

create type exchange.new_spent as (
    flow text,
    sender text,
    mail uuid,
    file uuid,
    batches integer,
    at timestamptz
);

create type exchange.new_batch as (
    mail uuid,
    flow text,
    file uuid,
    sender text,
    persons integer,
    passed integer,
    recorded_at timestamptz
);
