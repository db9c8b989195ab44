-- Pages of the trail. Statements over many months are planned here, once for each session, and for
-- any arguments: planning 120 months costs ten times what reading them does, a driver forgets its
-- statements after some minutes, and the server plans the first five times for the arguments given.
-- No plan made while a month was empty may read all of it later: rows are found by an index.
-- A migration that adds a column to these tables makes these functions again.

-- Decisions about a person from one moment up to another, there before this id, latest first,
-- with all those of the last one's time. `own`: of this consumer only.
create function audit.looks_about(
    person bigint, since timestamptz, until timestamptz, before uuid,
    hidden_consumers integer[], hidden_purposes integer[], own integer, size integer
) returns setof audit.decision
language plpgsql stable
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = 'off'
set enable_bitmapscan = 'off'
as $$
begin
    return query
    select
        d.recorded_at, d.received_at, d.sent_at, d.ssin, d.successor,
        d.lawbook, d.consumer, d.flow, d.purpose, d.ground, d.key, d.proof_created, d.proof_life,
        d.asked_on, d.about_begin, d.about_end, d.form, d.reason, d.id, d.message_id, d.repeats,
        d.nonce, d.signature, d.digest, d.facts, d.ticket, d.file_reference, d.asked_by, d.role
    from audit.decision as d
    where d.ssin = person and d.recorded_at >= since and d.recorded_at <= until
        and (d.recorded_at < until or d.id < before)
        and not (
            d.consumer = any(hidden_consumers)
            or (d.purpose = any(hidden_purposes) and d.ground is not null)
        )
        and (own is null or d.consumer = own)
    order by d.recorded_at desc
    fetch first (size) rows with ties;
end
$$;

-- How many decisions about a person may not be seen, by consumer and purpose.
create function audit.count_unseen(
    person bigint, since timestamptz, until timestamptz,
    hidden_consumers integer[], hidden_purposes integer[]
) returns table (consumer integer, purpose integer, looks bigint)
language plpgsql stable
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = 'off'
as $$
begin
    return query
    select d.consumer, d.purpose, count(*)
    from audit.decision as d
    where d.ssin = person and d.recorded_at >= since and d.recorded_at < until
        and (
            d.consumer = any(hidden_consumers)
            or (d.purpose = any(hidden_purposes) and d.ground is not null)
        )
    group by d.consumer, d.purpose;
end
$$;

-- Decisions of a time with an id before this one and not before that one, latest first.
-- `own`: of this consumer only.
create function audit.looks_between(
    since timestamptz, until timestamptz, before uuid, lowest uuid, own integer, size integer
) returns setof audit.decision
language plpgsql stable
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = 'off'
set enable_bitmapscan = 'off'
as $$
begin
    return query
    select
        d.recorded_at, d.received_at, d.sent_at, d.ssin, d.successor,
        d.lawbook, d.consumer, d.flow, d.purpose, d.ground, d.key, d.proof_created, d.proof_life,
        d.asked_on, d.about_begin, d.about_end, d.form, d.reason, d.id, d.message_id, d.repeats,
        d.nonce, d.signature, d.digest, d.facts, d.ticket, d.file_reference, d.asked_by, d.role
    from audit.decision as d
    where d.recorded_at >= since and d.recorded_at < until and d.id < before and d.id >= lowest
        and (own is null or d.consumer = own)
    order by d.id desc
    limit size;
end
$$;

-- The id behind so many decisions of a time, counted down from before this one; null: there are
-- no more than that.
create function audit.id_behind(
    since timestamptz, until timestamptz, before uuid, many integer
) returns uuid
language plpgsql stable
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = 'off'
set enable_bitmapscan = 'off'
as $$
begin
    return (
        select d.id
        from audit.decision as d
        where d.recorded_at >= since and d.recorded_at < until and d.id < before
        order by d.id desc
        offset many limit 1
    );
end
$$;

-- What came of these decisions; at most one outcome for each. Each is looked up in the partition of
-- its own month (`offset 0` keeps it so): as a plain join all outcomes of all months are read.
create function audit.outcomes_of(entries uuid[], moments timestamptz[])
returns setof audit.outcome
language plpgsql stable
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = 'off'
set enable_bitmapscan = 'off'
as $$
begin
    return query
    select o.recorded_at, o.ended_at, o.shown, o.form, o.ending, o.entry, o.cause
    from unnest(entries, moments) as d (entry, moment)
    cross join lateral (
        select x.recorded_at, x.ended_at, x.shown, x.form, x.ending, x.entry, x.cause
        from audit.outcome as x
        where x.entry = d.entry and x.recorded_at = d.moment
        offset 0
    ) as o;
end
$$;
