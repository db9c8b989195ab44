-- The trail: one row for each decision, one for each outcome of a grant. Append-only, by month.
-- Columns stand from wide to narrow, so that no row pays for padding. Values that come back all
-- the time stand once in `term`. docs/reference/trail-format.md says how a row becomes its leaf.
create schema audit;

create table audit.term (
    id integer generated always as identity primary key,
    kind smallint not null,
    digest bytea not null,
    content text not null,
    unique (kind, digest)
);

-- `wrapped` null: shredded. Facts and salts of that month can't be read by anyone any more.
create table audit.month_key (
    month date primary key,
    wrapped bytea
);

create table audit.decision (
    recorded_at timestamptz not null,
    received_at timestamptz not null,
    sent_at timestamptz,
    ssin bigint not null,
    successor bigint,
    lawbook integer not null,
    consumer integer not null,
    flow integer not null,
    purpose integer not null,
    ground integer,
    key integer not null,
    proof_created integer not null,
    proof_life integer not null,
    asked_on date not null,
    about_begin date not null,
    about_end date,
    form smallint not null,
    reason smallint not null,
    id uuid not null,
    message_id uuid not null,
    repeats uuid,
    nonce bytea not null,
    signature bytea not null,
    digest bytea not null,
    facts bytea not null,
    ticket text,
    file_reference text not null,
    asked_by text not null,
    role text not null,
    primary key (id, recorded_at)
) partition by range (recorded_at);

create index decision_by_person on audit.decision (ssin, recorded_at);

create table audit.outcome (
    recorded_at timestamptz not null,
    ended_at timestamptz not null,
    shown integer not null,
    form smallint not null,
    ending smallint not null,
    entry uuid not null,
    cause text not null,
    primary key (entry, recorded_at)
) partition by range (recorded_at);

-- Nothing is ever refused for want of a month.
create table audit.decision_rest partition of audit.decision default;
create table audit.outcome_rest partition of audit.outcome default;

-- What stands in the trail and not yet in the tree. `seq` only orders; gaps mean nothing, and a
-- row may become visible after a later one.
create table audit.pending (
    seq bigint generated always as identity primary key,
    recorded_at timestamptz not null,
    kind smallint not null,
    entry uuid not null,
    blinded bytea not null
);

-- Make the partitions of a month. A month that began in the default partition stays there. The
-- tables are attached, not created in place, so that writers need not wait.
create function audit.open_month(month date) returns void
language plpgsql as $$
declare
    parent text;
    part text;
    begins constant timestamptz := date_trunc('month', month::timestamp) at time zone 'UTC';
    ends constant timestamptz :=
        (date_trunc('month', month::timestamp) + interval '1 month') at time zone 'UTC';
begin
    perform pg_advisory_xact_lock(hashtext('audit.open_month'));
    foreach parent in array array['decision', 'outcome'] loop
        part := parent || '_' || to_char(month, 'YYYY_MM');
        continue when to_regclass('audit.' || part) is not null;
        begin
            execute format('create table audit.%I (like audit.%I including all)', part, parent);
            execute format(
                'alter table audit.%I attach partition audit.%I for values from (%L) to (%L)',
                parent, part, begins, ends);
        exception when check_violation then
            null;  -- rows of this month stand in the default partition
        end;
    end loop;
end
$$;
