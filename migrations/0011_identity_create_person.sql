-- By what persons in the registers are called and when they were born, to find their numbers.
-- `born` is yyyymmdd, with 00 for a month or a day that is not known. Names are plain small
-- letters, parted by one space. Sex: 0 not known, 1, 2. A search reads a few hundred rows: to start
-- workers for it takes twenty times as long as to read them.
create table identity.person (
    ssin bigint primary key,
    born integer not null check (born between 10000 and 99991231),
    sex smallint not null check (sex between 0 and 2),
    last_name text collate "C" not null,
    given_names text collate "C" not null
) with (parallel_workers = 0);

create index person_by_birth on identity.person (born, ssin);

-- One row for every word by which a person is found; the words of whoever changes are written anew.
create table identity.called (
    word text collate "C" not null,
    born integer not null,
    ssin bigint not null,
    primary key (word, born, ssin)
) with (parallel_workers = 0);

-- The words in use, by everything that a mistyped one has in common with them. They are names of
-- nobody in particular, so that they stay when a person goes.
create table identity.spelling (
    spelling text collate "C" not null,
    word text collate "C" not null,
    primary key (spelling, word)
);
