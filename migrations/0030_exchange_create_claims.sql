-- Nonces and message ids, claimed in the same commit as the entry they belong to.
-- Unpartitioned and logged: a claim must hold across processes, partitions and crashes.
create schema exchange;

create table exchange.nonce (
    consumer text not null,
    nonce bytea not null,
    expires_at bigint not null,
    primary key (consumer, nonce)
);

create index nonce_expires_at on exchange.nonce (expires_at);

create table exchange.message (
    consumer text not null,
    message_id uuid not null,
    digest bytea not null,
    entry uuid not null,
    recorded_at timestamptz not null,
    claimed_at timestamptz not null,
    closed_at timestamptz,
    primary key (consumer, message_id)
);

create index message_claimed_at on exchange.message (claimed_at);
