-- Changes of the directory, one row for each command, by month as all else. `sealed` is what the leaf
-- was made over, encrypted under the key of its month; the other columns only find it again.
create table audit.change (
    recorded_at timestamptz not null,
    ssin bigint,
    id uuid not null,
    institution text not null,
    sealed bytea not null,
    primary key (id, recorded_at)
) partition by range (recorded_at);
create index change_by_person on audit.change (ssin, recorded_at) where ssin is not null;
create index change_by_time on audit.change (recorded_at);
create table audit.change_rest partition of audit.change default;

create or replace function audit.open_month(month date) returns void
language plpgsql as $$
declare
    parent text;
    part text;
    begins constant timestamptz := date_trunc('month', month::timestamp) at time zone 'UTC';
    ends constant timestamptz :=
        (date_trunc('month', month::timestamp) + interval '1 month') at time zone 'UTC';
begin
    perform pg_advisory_xact_lock(hashtext('audit.open_month'));
    foreach parent in array array['decision', 'outcome', 'reading', 'change'] loop
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

create or replace function audit.months_before(before date)
returns table (parent text, part text, month date)
language sql stable as $$
    select p.parent, c.relname::text, to_date(right(c.relname, 7), 'YYYY_MM')
    from unnest(array['decision', 'outcome', 'reading', 'change']) as p (parent)
    join pg_inherits as i on i.inhparent = ('audit.' || p.parent)::regclass
    join pg_class as c on c.oid = i.inhrelid
    where c.relname ~ '_[0-9]{4}_[0-9]{2}$'
        and to_date(right(c.relname, 7), 'YYYY_MM') < before
    order by 3, 1
$$;

create or replace function audit.drop_months(before date) returns void
language plpgsql as $$
declare
    part text;
    ends constant timestamptz := before::timestamp at time zone 'UTC';
begin
    set local lock_timeout = '5s';
    for part in select m.part from audit.months_before(before) as m loop
        execute format('drop table audit.%I', part);
    end loop;
    delete from audit.decision_rest where recorded_at < ends;
    delete from audit.outcome_rest where recorded_at < ends;
    delete from audit.reading_rest where recorded_at < ends;
    delete from audit.change_rest where recorded_at < ends;
    update audit.month_key set wrapped = null where month < before and wrapped is not null;
exception when lock_not_available then
    raise query_canceled using message = 'the tables of these months are in use';
end
$$;

-- Months that stand already get a table for changes too.
select audit.open_month(m.month)
from (select distinct b.month from audit.months_before('9999-12-01') as b) as m (month);

-- How many changes were ended.
alter table audit.expired add column changes bigint not null default 0;
