-- Rows about a person are sifted once, above all months: a plan over 120 of them sets up whatever
-- it sifts by in each one, every time it runs, which was a fifth to a third of a page (`offset 0`
-- keeps it above). And no such plan is compiled: estimates over all months may be large, what is
-- read is a few rows, and compiling takes longer than the page.

create or replace function audit.looks_about(
    person bigint, since timestamptz, until timestamptz, before uuid,
    hidden_consumers integer[], hidden_purposes integer[], own integer, size integer
) returns setof audit.decision
language plpgsql stable
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = 'off'
set enable_bitmapscan = 'off'
set jit = 'off'
as $$
begin
    return query
    select
        d.recorded_at, d.received_at, d.sent_at, d.ssin, d.successor,
        d.lawbook, d.consumer, d.flow, d.purpose, d.ground, d.key, d.proof_created, d.proof_life,
        d.asked_on, d.about_begin, d.about_end, d.form, d.reason, d.id, d.message_id, d.repeats,
        d.nonce, d.signature, d.digest, d.facts, d.ticket, d.file_reference, d.asked_by, d.role
    from (
        select
            x.recorded_at, x.received_at, x.sent_at, x.ssin, x.successor,
            x.lawbook, x.consumer, x.flow, x.purpose, x.ground, x.key, x.proof_created,
            x.proof_life, x.asked_on, x.about_begin, x.about_end, x.form, x.reason, x.id,
            x.message_id, x.repeats, x.nonce, x.signature, x.digest, x.facts, x.ticket,
            x.file_reference, x.asked_by, x.role
        from audit.decision as x
        where x.ssin = person and x.recorded_at >= since and x.recorded_at <= until
        order by x.recorded_at desc
        offset 0
    ) as d
    where (d.recorded_at < until or d.id < before)
        and not (
            d.consumer = any(hidden_consumers)
            or (d.purpose = any(hidden_purposes) and d.ground is not null)
        )
        and (own is null or d.consumer = own)
    order by d.recorded_at desc
    fetch first (size) rows with ties;
end
$$;

create or replace function audit.count_unseen(
    person bigint, since timestamptz, until timestamptz,
    hidden_consumers integer[], hidden_purposes integer[]
) returns table (consumer integer, purpose integer, looks bigint)
language plpgsql stable
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = 'off'
set jit = 'off'
as $$
begin
    return query
    select d.consumer, d.purpose, count(*)
    from (
        select x.consumer, x.purpose, x.ground
        from audit.decision as x
        where x.ssin = person and x.recorded_at >= since and x.recorded_at < until
        offset 0
    ) as d
    where d.consumer = any(hidden_consumers)
        or (d.purpose = any(hidden_purposes) and d.ground is not null)
    group by d.consumer, d.purpose;
end
$$;

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
begin
    return query
    select r.recorded_at, r.ssin, r.id, r.institution, r.encoded
    from (
        select x.recorded_at, x.ssin, x.id, x.institution, x.encoded
        from audit.reading as x
        where x.ssin = person and x.recorded_at >= since and x.recorded_at <= until
        order by x.recorded_at desc
        offset 0
    ) as r
    where (r.recorded_at < until or r.id < before)
        and r.institution <> all(hidden) and (own is null or r.institution = own)
    order by r.recorded_at desc, r.id desc
    limit size;
end
$$;

create or replace function audit.count_readings(person bigint, hidden text[])
returns table (institution text, readings bigint)
language plpgsql stable
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = 'off'
set jit = 'off'
as $$
begin
    return query
    select r.institution, count(*)
    from (
        select x.institution
        from audit.reading as x
        where x.ssin = person
        offset 0
    ) as r
    where r.institution = any(hidden)
    group by r.institution;
end
$$;

create or replace function audit.changes_about(
    person bigint, since timestamptz, until timestamptz, before uuid, own text, size integer
) returns setof audit.change
language plpgsql stable
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = 'off'
set enable_bitmapscan = 'off'
set jit = 'off'
as $$
begin
    return query
    select c.recorded_at, c.ssin, c.id, c.institution, c.sealed
    from (
        select x.recorded_at, x.ssin, x.id, x.institution, x.sealed
        from audit.change as x
        where x.ssin = person and x.recorded_at >= since and x.recorded_at <= until
        order by x.recorded_at desc
        offset 0
    ) as c
    where (c.recorded_at < until or c.id < before)
        and (own is null or c.institution = own)
    order by c.recorded_at desc, c.id desc
    limit size;
end
$$;

alter function audit.looks_between(timestamptz, timestamptz, uuid, uuid, integer, integer)
    set jit = 'off';
alter function audit.id_behind(timestamptz, timestamptz, uuid, integer) set jit = 'off';
alter function audit.outcomes_of(uuid[], timestamptz[]) set jit = 'off';
