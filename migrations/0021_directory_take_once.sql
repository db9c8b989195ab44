-- Changes that a message asked for are made once, however often the message comes.
create table directory.taken (
    change uuid primary key,
    taken_at timestamptz not null default now()
);

create index taken_by_time on directory.taken (taken_at);
