-- Mail stands by day of sending. Days are opened ahead, and ended when all that is left is old.

-- Make the partition of a day. A day that began in the default partition stays there. The table
-- is attached, not created in place, so that writers need not wait.
create function mailbox.open_day(day date) returns void
language plpgsql as $$
declare
    part constant text := 'mail_' || to_char(day, 'YYYY_MM_DD');
begin
    perform pg_advisory_xact_lock(hashtext('mailbox.open_day'));
    if to_regclass('mailbox.' || part) is not null then
        return;
    end if;
    execute format('create table mailbox.%I (like mailbox.mail including all)', part);
    execute format(
        'alter table mailbox.mail attach partition mailbox.%I for values from (%L) to (%L)',
        part, day, day + 1);
exception when check_violation then
    null;  -- mail of this day stands in the default partition
end
$$;

-- The days before this one that have a partition of their own.
create function mailbox.days_before(before date) returns setof date
language sql stable as $$
    select to_date(right(c.relname, 10), 'YYYY_MM_DD')
    from pg_catalog.pg_class as c
    join pg_catalog.pg_inherits as i on i.inhrelid = c.oid
    where i.inhparent = 'mailbox.mail'::regclass
        and c.relname ~ '^mail_\d{4}_\d\d_\d\d$'
        and to_date(right(c.relname, 10), 'YYYY_MM_DD') < before
$$;

-- What was sent before this day and nobody took is a dead letter without content.
create function mailbox.bury_old(before date, at timestamptz) returns bigint
language plpgsql as $$
declare
    lost bigint;
begin
    with gone as (
        delete from mailbox.mail as m where m.day < before
        returning m.position, m.sent_at, m.due_at, m.day, m.id, m.recipient, m.kind, m.flow,
            m.ticket, m.sealed_for, m.person
    )
    insert into mailbox.dead (
        position, sent_at, due_at, died_at, day, id, recipient, kind, flow, ticket, sealed_for,
        reason, person, sealed
    )
    select
        g.position, g.sent_at, g.due_at, at, g.day, g.id, g.recipient, g.kind, g.flow,
        g.ticket, g.sealed_for, 'nobody took it in time', g.person, null
    from gone as g
    on conflict (recipient, id) do nothing;
    get diagnostics lost = row_count;
    return lost;
end
$$;

-- The partition of a day is gone; false where mail came into it, or who writes would have to wait.
create function mailbox.drop_day(day date) returns boolean
language plpgsql
set lock_timeout = '1s'
as $$
declare
    part constant text := 'mail_' || to_char(day, 'YYYY_MM_DD');
    left_over boolean;
begin
    execute format('lock table mailbox.mail, mailbox.%I in access exclusive mode', part);
    execute format('select exists (select from mailbox.%I)', part) into left_over;
    if left_over then
        return false;
    end if;
    execute format('drop table mailbox.%I', part);
    return true;
exception when lock_not_available then
    return false;
end
$$;

-- End the content of dead letters of before this moment, and let go what waits behind them.
create function mailbox.empty_dead(before timestamptz) returns bigint
language plpgsql as $$
declare
    one record;
    done bigint := 0;
begin
    for one in
        select distinct d.recipient, d.person from mailbox.dead as d
        where d.sealed is not null and d.died_at < before
        order by 1, 2
    loop
        perform mailbox.lock_boxes(array[one.recipient]);
        update mailbox.dead as d set sealed = null
        where d.recipient = one.recipient and d.person = one.person
            and d.sealed is not null and d.died_at < before;
        perform mailbox.let_go(one.recipient, one.person);
        done := done + 1;
    end loop;
    return done;
end
$$;
