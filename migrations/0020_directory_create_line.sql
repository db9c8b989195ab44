-- The reference directory: who knows whom, as what, from when to when.
create schema directory;

create table directory.member (
    id smallint generated always as identity primary key,
    code text not null unique
);

create table directory.line (
    ssin bigint not null,
    begin_date date not null,
    end_date date,
    sector smallint not null check (sector between 0 and 999),
    quality smallint not null check (quality between 0 and 999),
    phase smallint not null check (phase between 0 and 99),
    member smallint,
    check (end_date > begin_date),
    -- The seat of a hub names no member: who is insured where is nobody's business there. This
    -- stands unless `take_seat` says that the database is a node's.
    constraint line_names_no_member check (member is null)
);

-- Person, sector and quality in one number of 57 bits: the index is a quarter of the table, and
-- one range of it holds a whole person.
create function directory.key(ssin bigint, sector integer, quality integer) returns bigint
language sql immutable strict parallel safe
return (ssin << 20) | (sector << 10) | quality;

create index line_by_key on directory.line (directory.key(ssin, sector, quality));

create table directory.seat (
    the_one boolean primary key default true check (the_one),
    names_members boolean not null
);

-- Say once whether this is a node's directory, which names members, or the hub's, which never does.
create function directory.take_seat(names boolean) returns void
language plpgsql as $$
begin
    insert into directory.seat (names_members) values (names) on conflict (the_one) do nothing;
    if found then
        if names then
            alter table directory.line drop constraint line_names_no_member;
        end if;
    elsif (select s.names_members from directory.seat as s) <> names then
        raise exception 'this directory has another seat' using errcode = 'check_violation';
    end if;
end
$$;
