-- Mailboxes: mail waits here, sealed to its recipient, until that one says that it has it.
-- A recipient's positions are given under the lock of its row in `box`, in the transaction that
-- writes: they become visible in their order, so who reads on from a position skips nothing.
create schema mailbox;

-- `mode`: 0 its owner asks for its mail, 1 its mail is brought. `last`: the last position given.
create table mailbox.box (
    recipient text primary key,
    mode smallint not null default 0,
    last bigint not null default 0
);

-- Ids that were put once, and where their mail stands. Unpartitioned: an id counts on all days.
create table mailbox.known (
    recipient text not null,
    id uuid not null,
    day date not null,
    position bigint not null,
    primary key (recipient, id)
);

create index known_day on mailbox.known using brin (day) with (pages_per_range = 16);

-- `held`: it waits behind a dead letter about the same person.
create table mailbox.mail (
    position bigint not null,
    sent_at timestamptz not null,
    due_at timestamptz,
    day date not null,
    held boolean not null,
    id uuid not null,
    recipient text not null,
    kind text not null,
    flow text not null,
    ticket text not null,
    sealed_for text not null,
    person bytea not null,
    sealed bytea not null
) partition by range (day);

-- Nobody can make what is sealed smaller.
alter table mailbox.mail alter column sealed set storage external;

create index mail_in_order on mailbox.mail (recipient, position);
create index mail_held on mailbox.mail (recipient, person, position) where held;

-- Nothing is ever refused for want of a day.
create table mailbox.mail_rest partition of mailbox.mail default;

-- `sealed` null: the content is gone, and nothing waits behind it any more.
create table mailbox.dead (
    position bigint not null,
    sent_at timestamptz not null,
    due_at timestamptz,
    died_at timestamptz not null,
    day date not null,
    id uuid not null,
    recipient text not null,
    kind text not null,
    flow text not null,
    ticket text not null,
    sealed_for text not null,
    reason text not null,
    person bytea not null,
    sealed bytea,
    primary key (recipient, id)
);

alter table mailbox.dead alter column sealed set storage external;

create index dead_by_person on mailbox.dead (recipient, person, position)
    where sealed is not null;

-- What is old goes by a clock that the store keeps by itself, never by a wall clock that may jump.
create table mailbox.clock (
    one boolean primary key default true check (one),
    at timestamptz not null
);

-- What the committer is given: rows of this type. It never changes; another row is another type.
create type mailbox.new_mail as (
    recipient text,
    id uuid,
    kind text,
    flow text,
    ticket text,
    person bytea,
    sealed bytea,
    sealed_for text,
    sent_at timestamptz,
    due_at timestamptz
);
