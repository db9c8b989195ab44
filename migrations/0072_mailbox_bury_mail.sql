-- Dead letters: mail that its recipient can't take. Later mail about the same person waits behind
-- the first of them, so that its order holds.

-- Give all that waits about a person, and its dead letters, new positions in their order, and let
-- go what stands before the first dead letter. Who read on past the old positions finds it.
create function mailbox.let_go(of text, about bytea) returns void
language plpgsql
set enable_seqscan = off
as $$
declare
    ids uuid[];
    old bigint[];
    new bigint[];
    first bigint;
begin
    -- The mailbox is locked by who calls.
    select array_agg(v.id), array_agg(v.was), array_agg(v.becomes) into ids, old, new
    from (
        select
            w.id, w.position as was, b.last + row_number() over (order by w.position) as becomes
        from (
            select m.id, m.position from mailbox.mail as m
            where m.recipient = of and m.person = about and m.held
            union all
            select d.id, d.position from mailbox.dead as d
            where d.recipient = of and d.person = about and d.sealed is not null
        ) as w
        cross join mailbox.box as b
        where b.recipient = of
    ) as v;
    if ids is null then
        return;
    end if;
    update mailbox.dead as d set position = v.becomes
    from unnest(ids, new) as v (id, becomes)
    where d.recipient = of and d.id = v.id;
    select min(d.position) into first from mailbox.dead as d
    where d.recipient = of and d.person = about and d.sealed is not null;
    update mailbox.mail as m
    set position = v.becomes, held = first is not null and v.becomes > first
    from unnest(ids, old, new) as v (id, was, becomes)
    where m.recipient = of and m.position = v.was and m.id = v.id;
    update mailbox.known as k set position = v.becomes
    from unnest(ids, new) as v (id, becomes)
    where k.recipient = of and k.id = v.id;
    update mailbox.box as b set last = b.last + cardinality(ids) where b.recipient = of;
    perform pg_notify('mailbox', of);
end
$$;

-- A mail becomes a dead letter; false where it is not there.
create function mailbox.bury(of text, letter uuid, why text, at timestamptz) returns boolean
language plpgsql
set enable_seqscan = off
as $$
declare
    place bigint;
    about bytea;
begin
    perform mailbox.lock_boxes(array[of]);
    with gone as (
        delete from mailbox.mail as m
        using mailbox.known as k
        where k.recipient = of and k.id = letter
            and m.day = k.day and m.recipient = of and m.position = k.position
        returning m.position, m.sent_at, m.due_at, m.day, m.id, m.recipient, m.kind, m.flow,
            m.ticket, m.sealed_for, m.person, m.sealed
    )
    insert into mailbox.dead (
        position, sent_at, due_at, died_at, day, id, recipient, kind, flow, ticket, sealed_for,
        reason, person, sealed
    )
    select
        g.position, g.sent_at, g.due_at, at, g.day, g.id, g.recipient, g.kind, g.flow,
        g.ticket, g.sealed_for, why, g.person, g.sealed
    from gone as g
    returning dead.position, dead.person into place, about;
    if place is null then
        return false;
    end if;
    update mailbox.mail as m set held = true
    where m.recipient = of and m.person = about and m.position > place and not m.held;
    return true;
end
$$;

-- A dead letter is mail again, of today, before all that waits behind it; false where there is none
-- with content.
create function mailbox.release(of text, letter uuid, today date) returns boolean
language plpgsql
set enable_seqscan = off
as $$
declare
    about bytea;
begin
    perform mailbox.lock_boxes(array[of]);
    with gone as (
        delete from mailbox.dead as d
        where d.recipient = of and d.id = letter and d.sealed is not null
        returning d.position, d.sent_at, d.due_at, d.id, d.recipient, d.kind, d.flow, d.ticket,
            d.sealed_for, d.person, d.sealed
    )
    insert into mailbox.mail (
        position, sent_at, due_at, day, held, id, recipient, kind, flow, ticket, sealed_for,
        person, sealed
    )
    select
        g.position, g.sent_at, g.due_at, today, true, g.id, g.recipient, g.kind, g.flow,
        g.ticket, g.sealed_for, g.person, g.sealed
    from gone as g
    returning mail.person into about;
    if about is null then
        return false;
    end if;
    insert into mailbox.known (recipient, id, day, position) values (of, letter, today, 0)
    on conflict (recipient, id) do update set day = excluded.day;
    perform mailbox.let_go(of, about);
    return true;
end
$$;

-- A dead letter is gone for good, and what waited behind it goes on; false where there is none.
create function mailbox.drop_dead(of text, letter uuid) returns boolean
language plpgsql
set enable_seqscan = off
as $$
declare
    about bytea;
begin
    perform mailbox.lock_boxes(array[of]);
    delete from mailbox.dead as d where d.recipient = of and d.id = letter
    returning d.person into about;
    if about is null then
        return false;
    end if;
    perform mailbox.let_go(of, about);
    return true;
end
$$;
