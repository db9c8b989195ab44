-- Pages of readings and changes, planned once for each session as those of looks are (0046).

-- Readings about a person from one moment up to another, there before this id, latest first.
-- `hidden`: by none of these; `own`: by this institution only.
create function audit.readings_about(
    person bigint, since timestamptz, until timestamptz, before uuid,
    hidden text[], own text, size integer
) returns setof audit.reading
language plpgsql stable
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = 'off'
set enable_bitmapscan = 'off'
as $$
begin
    return query
    select r.recorded_at, r.ssin, r.id, r.institution, r.encoded
    from audit.reading as r
    where r.ssin = person and r.recorded_at >= since and r.recorded_at <= until
        and (r.recorded_at < until or r.id < before)
        and r.institution <> all(hidden) and (own is null or r.institution = own)
    order by r.recorded_at desc, r.id desc
    limit size;
end
$$;

-- How many readings about a person are by one of these, by institution.
create function audit.count_readings(person bigint, hidden text[])
returns table (institution text, readings bigint)
language plpgsql stable
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = 'off'
as $$
begin
    return query
    select r.institution, count(*)
    from audit.reading as r
    where r.ssin = person and r.institution = any(hidden)
    group by r.institution;
end
$$;

-- Changes about a person from one moment up to another, there before this id, latest first.
-- `own`: by this institution only.
create function audit.changes_about(
    person bigint, since timestamptz, until timestamptz, before uuid, own text, size integer
) returns setof audit.change
language plpgsql stable
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = 'off'
set enable_bitmapscan = 'off'
as $$
begin
    return query
    select c.recorded_at, c.ssin, c.id, c.institution, c.sealed
    from audit.change as c
    where c.ssin = person and c.recorded_at >= since and c.recorded_at <= until
        and (c.recorded_at < until or c.id < before)
        and (own is null or c.institution = own)
    order by c.recorded_at desc, c.id desc
    limit size;
end
$$;
