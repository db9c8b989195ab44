-- What a station remembers, in the institution's own database: who was looked at under which
-- entry of the hub, and which requests it has already answered. Never what it answered.

create schema if not exists station;

create table station.nonce (
    nonce bytea primary key,
    expires_at timestamptz not null
);
comment on table station.nonce is
    'Nonces of requests that were answered: a request replayed while its signature still holds is refused.';
create index nonce_expires_at on station.nonce (expires_at);

create table station.look (
    at timestamptz not null,
    entry uuid not null,
    flow text not null,
    ssin bigint not null,
    clause text not null,
    rows integer
);
comment on table station.look is
    'One line per question that this source was asked. No content.';
comment on column station.look.entry is 'the entry in the hub''s trail under which was asked';
comment on column station.look.rows is 'rows that left; null: more than may leave, so none left';
create index look_ssin_at on station.look (ssin, at);
create index look_at on station.look using brin (at);
