-- What a node owes the hub above it: a change of lines that stands here, until the hub has answered.
create table exchange.owed_lines (
    ticket uuid primary key,
    entry uuid not null,
    recorded_at timestamptz not null,
    act text not null,
    sector smallint,
    quality smallint,
    phase smallint,
    whole boolean not null,
    line_begin date,
    due_at timestamptz not null
);

create index owed_lines_by_due on exchange.owed_lines (due_at);
