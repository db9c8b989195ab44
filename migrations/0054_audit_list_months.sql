-- In which months entries about a person stand, so that a page opens those and no others. Nothing is
-- written here when an entry is recorded: a month is listed once it is over, all of it at once, and
-- what is recorded in it after that lists itself by a trigger on its tables. Months that are not
-- listed yet are walked, each of them: a page is right at any time, and the faster the more is listed.
create table audit.about (
    ssin bigint primary key,
    looks date[],
    readings date[],
    changes date[]
) with (fillfactor = 90);

-- One row. `upto`: months before this one are listed. `watched`: the tables of months before this
-- one have triggers, so that these months can be listed.
create table audit.listed (
    one boolean primary key default true check (one),
    upto date not null,
    watched date not null
);
insert into audit.listed (upto, watched) values ('-infinity', '-infinity');

create function audit.month_of(moment timestamptz) returns date
language sql stable as $$
    select date_trunc('month', moment at time zone 'UTC')::date
$$;

create function audit.begin_of(month date) returns timestamptz
language sql stable as $$
    select month::timestamp at time zone 'UTC'
$$;

-- What is recorded in a month that is listed, or about to be, stands in the list by the same commit.
create function audit.list_entry() returns trigger
language plpgsql as $$
declare
    of_now constant date[] := array[audit.month_of(new.recorded_at)];
begin
    if new.ssin is not null then
        insert into audit.about as a (ssin, looks, readings, changes)
        values (
            new.ssin,
            case tg_argv[0] when 'decision' then of_now end,
            case tg_argv[0] when 'reading' then of_now end,
            case tg_argv[0] when 'change' then of_now end
        )
        on conflict (ssin) do update set
            looks = audit.months_with(a.looks, excluded.looks),
            readings = audit.months_with(a.readings, excluded.readings),
            changes = audit.months_with(a.changes, excluded.changes)
        where not coalesce(a.looks, '{}') @> coalesce(excluded.looks, '{}')
            or not coalesce(a.readings, '{}') @> coalesce(excluded.readings, '{}')
            or not coalesce(a.changes, '{}') @> coalesce(excluded.changes, '{}');
    end if;
    return null;
end
$$;

-- Months with more, each of them once; null: none at all.
create function audit.months_with(known date[], more date[]) returns date[]
language sql immutable as $$
    select known || array(
        select m.month from unnest(more) as m (month) where not m.month = any(coalesce(known, '{}'))
    )
    where known is not null or more is not null
$$;

-- These months from one on; null: none are left.
create function audit.months_from(known date[], first date) returns date[]
language sql immutable as $$
    select array_agg(m.month) from unnest(known) as m (month) where m.month >= first
$$;

-- A table of a month lists what is recorded in it from now on.
create function audit.watch_table(parent text, part text) returns void
language plpgsql as $$
begin
    if not exists (
        select from pg_trigger as t
        where t.tgrelid = ('audit.' || part)::regclass and t.tgname = 'list_entry'
    ) then
        execute format(
            'create trigger list_entry after insert on audit.%I '
            'for each row execute function audit.list_entry(%L)',
            part, parent);
    end if;
end
$$;

-- What stands outside tables of months is listed whenever it comes: it is to be none.
select audit.watch_table(p.parent, p.parent || '_rest')
from unnest(array['decision', 'reading', 'change']) as p (parent);

-- The tables of the months before this one list what is recorded in them. Once this is committed,
-- what they hold can be listed: making a trigger waits for those who are writing.
create function audit.watch_months(before date) returns void
language plpgsql as $$
declare
    known date;
begin
    set local lock_timeout = '5s';
    perform pg_advisory_xact_lock(hashtext('audit.open_month'));
    select l.watched into known from audit.listed as l where l.watched < before for update skip locked;
    if known is null then
        return;
    end if;
    perform audit.watch_table(m.parent, m.part)
    from audit.months_before(before) as m
    where m.parent <> 'outcome';
    update audit.listed set watched = before;
exception when lock_not_available then
    null;  -- the next time
end
$$;

-- List all months that are watched and not listed yet. One does it at a time.
create function audit.list_months() returns void
language plpgsql as $$
declare
    known record;
    kind record;
begin
    select l.upto, l.watched into known
    from audit.listed as l where l.upto < l.watched for update skip locked;
    if not found then
        return;
    end if;
    for kind in
        select k.parent, k.part
        from (values ('decision', 'looks'), ('reading', 'readings'), ('change', 'changes'))
            as k (parent, part)
    loop
        execute format(
            'insert into audit.about as a (ssin, %1$I) '
            'select e.ssin, array_agg(distinct audit.month_of(e.recorded_at)) '
            'from audit.%2$I as e '
            'where e.ssin is not null and e.recorded_at >= $1 and e.recorded_at < $2 '
            'group by e.ssin order by e.ssin '
            'on conflict (ssin) do update set %1$I = audit.months_with(a.%1$I, excluded.%1$I) '
            'where not coalesce(a.%1$I, ''{}'') @> excluded.%1$I',
            kind.part, kind.parent)
        using audit.begin_of(known.upto), audit.begin_of(known.watched);
    end loop;
    update audit.listed set upto = known.watched;
end
$$;

-- The times in which entries about a person can stand, the latest first: all that is not listed
-- yet, and of what is, these months.
create function audit.spans_of(months date[], since timestamptz, until timestamptz)
returns table (low timestamptz, high timestamptz)
language sql stable as $$
    with listed as materialized (
        select coalesce((select l.upto from audit.listed as l), '-infinity') as upto
    )
    select greatest(since, s.low), s.high
    from (
        select audit.begin_of(l.upto) as low, timestamptz 'infinity' as high
        from listed as l
        union all
        select audit.begin_of(m.month), audit.begin_of((m.month + interval '1 month')::date)
        from unnest(months) as m (month)
        cross join listed as l
        where m.month < l.upto and isfinite(m.month)
    ) as s
    where s.low <= until and s.high > since
    order by s.low desc
$$;

-- Decisions about a person from one moment up to another, there before this id, latest first, with
-- all those of the last one's time, and what came of each. `own`: of this consumer only.
-- INVARIANT: the spans bound both tables by parameters that are known when a statement begins, so
-- that the server opens one month and not all: opening 126 costs as much as a whole page.
create function audit.looks_with_ends(
    person bigint, since timestamptz, until timestamptz, before uuid,
    hidden_consumers integer[], hidden_purposes integer[], own integer, size integer
) returns table (
    look audit.decision,
    ended uuid, ended_at timestamptz, shown integer, ended_form smallint, ending smallint, cause text
)
language plpgsql stable
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = 'off'
set enable_bitmapscan = 'off'
set enable_hashjoin = 'off'
set enable_mergejoin = 'off'
set jit = 'off'
as $$
declare
    span record;
    missing integer := size;
    more integer;
begin
    for span in
        select s.low, s.high
        from audit.spans_of(
            (select a.looks from audit.about as a where a.ssin = person), since, until
        ) as s
    loop
        return query
        select f.look, o.entry, o.ended_at, o.shown, o.form, o.ending, o.cause
        from (
            select d as look, d.id, d.recorded_at
            from audit.decision as d
            where d.ssin = person and d.recorded_at >= span.low and d.recorded_at < span.high
                and d.recorded_at <= until and (d.recorded_at < until or d.id < before)
                and not (
                    d.consumer = any(hidden_consumers)
                    or (d.purpose = any(hidden_purposes) and d.ground is not null)
                )
                and (own is null or d.consumer = own)
            order by d.recorded_at desc
            fetch first (missing) rows with ties
        ) as f
        left join audit.outcome as o
            on o.entry = f.id and o.recorded_at = f.recorded_at
            and o.recorded_at >= span.low and o.recorded_at < span.high;
        get diagnostics more = row_count;
        missing := missing - more;
        exit when missing <= 0;
    end loop;
end
$$;

-- Consumer and purpose of the latest decisions about a person, at most so many: null where nothing
-- hides them.
create function audit.latest_looks(
    person bigint, hidden_consumers integer[], hidden_purposes integer[], most integer
) returns table (consumer integer, purpose integer)
language plpgsql stable
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = 'off'
set enable_bitmapscan = 'off'
set jit = 'off'
as $$
declare
    span record;
    missing integer := most;
    more integer;
begin
    for span in
        select s.low, s.high
        from audit.spans_of(
            (select a.looks from audit.about as a where a.ssin = person), '-infinity', 'infinity'
        ) as s
    loop
        return query
        select case when e.hides then e.consumer end, case when e.hides then e.purpose end
        from (
            select
                d.consumer, d.purpose,
                d.consumer = any(hidden_consumers)
                    or (d.purpose = any(hidden_purposes) and d.ground is not null) as hides
            from audit.decision as d
            where d.ssin = person and d.recorded_at >= span.low and d.recorded_at < span.high
            order by d.recorded_at desc
            limit missing
        ) as e;
        get diagnostics more = row_count;
        missing := missing - more;
        exit when missing <= 0;
    end loop;
end
$$;

-- Who made the latest readings about a person, at most so many: null where nothing hides them.
create function audit.latest_readings(person bigint, hidden text[], most integer)
returns table (institution text)
language plpgsql stable
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = 'off'
set enable_bitmapscan = 'off'
set jit = 'off'
as $$
declare
    span record;
    missing integer := most;
    more integer;
begin
    for span in
        select s.low, s.high
        from audit.spans_of(
            (select a.readings from audit.about as a where a.ssin = person), '-infinity', 'infinity'
        ) as s
    loop
        return query
        select case when r.institution = any(hidden) then r.institution end
        from audit.reading as r
        where r.ssin = person and r.recorded_at >= span.low and r.recorded_at < span.high
        order by r.recorded_at desc
        limit missing;
        get diagnostics more = row_count;
        missing := missing - more;
        exit when missing <= 0;
    end loop;
end
$$;

-- Readings about a person from one moment up to another, there before this id, latest first.
-- `hidden`: by none of these; `own`: by this institution only.
create or replace function audit.readings_about(
    person bigint, since timestamptz, until timestamptz, before uuid,
    hidden text[], own text, size integer
) returns setof audit.reading
language plpgsql stable
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = 'off'
set enable_bitmapscan = 'off'
set jit = 'off'
as $$
declare
    span record;
    missing integer := size;
    more integer;
begin
    for span in
        select s.low, s.high
        from audit.spans_of(
            (select a.readings from audit.about as a where a.ssin = person), since, until
        ) as s
    loop
        return query
        select r.recorded_at, r.ssin, r.id, r.institution, r.encoded
        from audit.reading as r
        where r.ssin = person and r.recorded_at >= span.low and r.recorded_at < span.high
            and r.recorded_at <= until and (r.recorded_at < until or r.id < before)
            and r.institution <> all(hidden) and (own is null or r.institution = own)
        order by r.recorded_at desc, r.id desc
        limit missing;
        get diagnostics more = row_count;
        missing := missing - more;
        exit when missing <= 0;
    end loop;
end
$$;

-- Changes about a person from one moment up to another, there before this id, latest first.
-- `own`: by this institution only.
create or replace function audit.changes_about(
    person bigint, since timestamptz, until timestamptz, before uuid, own text, size integer
) returns setof audit.change
language plpgsql stable
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = 'off'
set enable_bitmapscan = 'off'
set jit = 'off'
as $$
declare
    span record;
    missing integer := size;
    more integer;
begin
    for span in
        select s.low, s.high
        from audit.spans_of(
            (select a.changes from audit.about as a where a.ssin = person), since, until
        ) as s
    loop
        return query
        select c.recorded_at, c.ssin, c.id, c.institution, c.sealed
        from audit.change as c
        where c.ssin = person and c.recorded_at >= span.low and c.recorded_at < span.high
            and c.recorded_at <= until and (c.recorded_at < until or c.id < before)
            and (own is null or c.institution = own)
        order by c.recorded_at desc, c.id desc
        limit missing;
        get diagnostics more = row_count;
        missing := missing - more;
        exit when missing <= 0;
    end loop;
end
$$;

-- As 0051 has it; and a month whose time is over lists what is recorded in it from the first row on.
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
            if parent <> 'outcome' and begins < (
                select audit.begin_of(max(l.watched)) from audit.listed as l
            ) then
                perform audit.watch_table(parent, part);
            end if;
            execute format(
                'alter table audit.%I attach partition audit.%I for values from (%L) to (%L)',
                parent, part, begins, ends);
        exception when check_violation then
            null;  -- rows of this month stand in the default partition
        end;
    end loop;
end
$$;

-- As 0051 has it; and nobody's list names the months that are gone. The lists come first: the longest
-- part, and nobody waits for it.
create or replace function audit.drop_months(before date) returns void
language plpgsql as $$
declare
    part text;
    ends constant timestamptz := before::timestamp at time zone 'UTC';
begin
    update audit.about as a set
        looks = audit.months_from(a.looks, before),
        readings = audit.months_from(a.readings, before),
        changes = audit.months_from(a.changes, before)
    where before > any(a.looks) or before > any(a.readings) or before > any(a.changes);
    delete from audit.about as a
    where a.looks is null and a.readings is null and a.changes is null;
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
