-- Nonces are forgotten by a clock that the store keeps by itself: it is put on by the time that
-- passed for those who work on it, never by what a wall clock says.
create table station.clock (
    one boolean primary key default true check (one),
    at timestamptz not null
);
comment on table station.clock is 'How much time has passed for sure, by which nonces are forgotten.';

alter table station.nonce add column stored_at timestamptz;
update station.nonce set stored_at = expires_at;
alter table station.nonce alter column stored_at set not null;
comment on column station.nonce.stored_at is 'by the clock of this store, when it was claimed';
