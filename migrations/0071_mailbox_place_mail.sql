-- How mail gets its position. A statement that is planned while a table is empty keeps its plan:
-- no plan of these functions reads a whole table.

-- Lock a mailbox; a new one is made.
create function mailbox.lock_boxes(recipients text[]) returns void
language plpgsql as $$
begin
    insert into mailbox.box (recipient)
    select r.name from unnest(recipients) as r (name) order by r.name
    on conflict (recipient) do nothing;
    -- INVARIANT: every transaction locks mailboxes in one order, so none waits in a circle.
    perform from mailbox.box as b
    where b.recipient = any(recipients)
    order by b.recipient
    for update;
end
$$;

-- Mail that was not known, each with its place: in the order in which it was given, behind all
-- that stands. Whoever waits for it is woken once the transaction stands.
create function mailbox.placed(given mailbox.new_mail[])
returns table (
    position_ bigint, day_ date, held_ boolean, id_ uuid, recipient_ text, kind_ text, flow_ text,
    ticket_ text, sealed_for_ text, person_ bytea, sealed_ bytea, sent_at_ timestamptz,
    due_at_ timestamptz
)
language plpgsql
set enable_seqscan = off
as $$
begin
    perform mailbox.lock_boxes(array(select distinct g.recipient from unnest(given) as g));
    return query
    with fresh as (
        select distinct on (g.recipient, g.id)
            g.recipient, g.id, g.kind, g.flow, g.ticket, g.person, g.sealed, g.sealed_for,
            g.sent_at, g.due_at, g.place, (g.sent_at at time zone 'UTC')::date as day
        from unnest(given) with ordinality as g (
            recipient, id, kind, flow, ticket, person, sealed, sealed_for, sent_at, due_at, place
        )
        where not exists (
            select from mailbox.known as k where k.recipient = g.recipient and k.id = g.id
        )
        order by g.recipient, g.id, g.place
    ),
    numbered as materialized (
        select
            f.recipient, f.id, f.kind, f.flow, f.ticket, f.person, f.sealed, f.sealed_for,
            f.sent_at, f.due_at, f.day,
            b.last + row_number() over (partition by f.recipient order by f.place) as position
        from fresh as f
        join mailbox.box as b on b.recipient = f.recipient
    ),
    remembered as (
        insert into mailbox.known (recipient, id, day, position)
        select n.recipient, n.id, n.day, n.position from numbered as n
    ),
    advanced as (
        update mailbox.box as b
        set last = n.last
        from (
            select m.recipient, max(m.position) as last from numbered as m group by m.recipient
        ) as n
        where b.recipient = n.recipient
    )
    select
        n.position, n.day,
        exists (
            select from mailbox.dead as d
            where d.recipient = n.recipient and d.person = n.person and d.sealed is not null
        ),
        n.id, n.recipient, n.kind, n.flow, n.ticket, n.sealed_for, n.person, n.sealed, n.sent_at,
        n.due_at
    from numbered as n
    order by n.recipient, n.position;
    perform pg_notify('mailbox', r.recipient)
    from (select distinct g.recipient from unnest(given) as g) as r;
end
$$;

-- Mail after a position that waits for nothing, in order: at most so many and, but for the first,
-- so many bytes of content.
create function mailbox.waiting_mail(of text, after bigint, most integer, bytes bigint)
returns table (
    position_ bigint, id_ uuid, kind_ text, flow_ text, ticket_ text, sealed_for_ text,
    person_ bytea, sealed_ bytea, sent_at_ timestamptz, due_at_ timestamptz
)
language plpgsql stable
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_sort = off
set enable_bitmapscan = off
as $$
begin
    return query
    select
        s.position, s.id, s.kind, s.flow, s.ticket, s.sealed_for, s.person, s.sealed, s.sent_at,
        s.due_at
    from (
        select
            m.position, m.id, m.kind, m.flow, m.ticket, m.sealed_for, m.person, m.sealed,
            m.sent_at, m.due_at,
            row_number() over (order by m.position) as place,
            sum(octet_length(m.sealed)) over (order by m.position) as size
        from mailbox.mail as m
        where m.recipient = of and m.position > after and not m.held
        order by m.position
        limit most
    ) as s
    where s.place = 1 or s.size <= bytes;
end
$$;

-- The mail of these ids is gone, delivered; how much of it there was.
create function mailbox.acknowledge(of text, ids uuid[]) returns integer
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    one record;
    gone integer;
    done integer := 0;
begin
    for one in
        select k.day, array_agg(k.position order by k.position) as positions
        from mailbox.known as k
        where k.recipient = of and k.id = any(ids)
        group by k.day
        order by k.day
    loop
        delete from mailbox.mail as m
        where m.day = one.day and m.recipient = of and m.position = any(one.positions);
        get diagnostics gone = row_count;
        done := done + gone;
    end loop;
    return done;
end
$$;
