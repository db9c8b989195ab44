-- What was done to the trail because its time was over. One row for each time, for ever.
create table audit.expired (
    before date primary key check (extract(day from before) = 1),
    expired_at timestamptz not null,
    position bigint not null,
    decisions bigint not null,
    outcomes bigint not null,
    asked_by text not null
);

-- Tables of the months before this one, by parent.
create function audit.months_before(before date)
returns table (parent text, part text, month date)
language sql stable as $$
    select p.parent, c.relname::text, to_date(right(c.relname, 7), 'YYYY_MM')
    from unnest(array['decision', 'outcome']) as p (parent)
    join pg_inherits as i on i.inhparent = ('audit.' || p.parent)::regclass
    join pg_class as c on c.oid = i.inhrelid
    where c.relname ~ '_[0-9]{4}_[0-9]{2}$'
        and to_date(right(c.relname, 7), 'YYYY_MM') < before
    order by 3, 1
$$;

-- Rows and keys of the months before this one are gone. Who waits behind it waits for seconds at
-- most: the tables are not locked for longer than it takes to take them out of the catalogue.
create function audit.drop_months(before date) returns void
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
    if to_regclass('audit.reading') is not null then  -- made by a later migration
        execute 'delete from audit.reading where recorded_at < $1' using ends;
    end if;
    update audit.month_key set wrapped = null where month < before and wrapped is not null;
exception when lock_not_available then
    raise query_canceled using message = 'the tables of these months are in use';
end
$$;
