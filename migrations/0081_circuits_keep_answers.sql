-- Answers by mail that belong to no case: kept for whoever asked, until taken or too old.
create table circuits.answer (
    position bigint primary key generated always as identity,
    id uuid not null unique,
    ticket text not null,
    kind text not null,
    flow text not null,
    sent_at timestamptz not null,
    came_at timestamptz not null,
    content bytea not null
);

create index answer_by_age on circuits.answer (came_at);
