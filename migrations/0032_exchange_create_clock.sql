-- What is forgotten goes by a clock that the store keeps by itself: it is put on by the time that
-- passed for those who work on it, never by what a wall clock says. Each claim has its time.
create table exchange.clock (
    one boolean primary key default true check (one),
    at timestamptz not null
);

alter table exchange.nonce add column stored_at timestamptz;
update exchange.nonce set stored_at = to_timestamp(expires_at);
alter table exchange.nonce alter column stored_at set not null;

alter table exchange.message add column stored_at timestamptz;
update exchange.message set stored_at = recorded_at;
alter table exchange.message alter column stored_at set not null;

create index message_stored_at on exchange.message (stored_at);
drop index exchange.message_recorded_at;
