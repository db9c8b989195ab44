-- Cases of the institution that runs a circuit: what happened in each, and what each wants done.
-- They are its own matter (05/022 §4) and stand nowhere else: this schema is for its owner only.
create schema circuits;

-- `state`: what the events make of the case, so that nobody plays them all again; a shortcut, and
-- nothing that the events don't say. `version`: how many events it has.
create table circuits.case_ (
    id uuid primary key,
    version integer not null,
    opened_at timestamptz not null,
    closed_at timestamptz,
    next_due timestamptz,
    kind text not null,
    state bytea not null
);

-- A state is written at every event: to make it smaller each time costs more than its bytes.
alter table circuits.case_ alter column state set storage external;

create index case_by_opening on circuits.case_ (opened_at desc, id desc);
create index case_open on circuits.case_ (opened_at desc, id desc) where closed_at is null;
create index case_due on circuits.case_ (next_due) where next_due is not null;

create table circuits.event (
    case_id uuid not null,
    n integer not null,
    at timestamptz not null,
    id uuid not null,
    body bytea not null,
    primary key (case_id, n)
);

-- `due_at`: from when on whoever runs may take it; who takes it puts that off by a lease. `lane`:
-- 0 what is asked and sent through the network, 1 what is printed.
create table circuits.action (
    id uuid primary key,
    case_id uuid not null,
    due_at timestamptz not null,
    done_at timestamptz,
    attempts integer not null default 0,
    lane smallint not null,
    cause text not null default '',
    body bytea not null
);

create index action_due on circuits.action (lane, due_at) where done_at is null;

-- By which word from outside a case and its action are found.
create table circuits.ticket (
    ticket text primary key,
    case_id uuid not null,
    action uuid not null
);

-- What the committer is given: rows of these types. They never change; another row, another type.
create type circuits.new_case as (
    id uuid,
    version integer,
    opened_at timestamptz,
    closed_at timestamptz,
    next_due timestamptz,
    kind text,
    state bytea
);

create type circuits.new_turn as (
    id uuid,
    version integer,
    next integer,
    at timestamptz,
    closed_at timestamptz,
    next_due timestamptz,
    state bytea,
    done uuid[]
);

create type circuits.new_event as (
    case_id uuid, n integer, at timestamptz, id uuid, body bytea
);

create type circuits.new_action as (
    id uuid, case_id uuid, due_at timestamptz, lane smallint, body bytea
);

create type circuits.new_ticket as (ticket text, case_id uuid, action uuid);
