-- Tables of the registers, as far as their station answers from them. They are the institution's, not the
-- crossroads bank's: no migration of ours touches them. Numbers of people are integers. Both days of a period
-- are included; no end: still so.
create schema if not exists rr;

create table if not exists rr.person (
    ssin bigint primary key,
    origin text not null,
    last_name text not null,
    first_name text,
    middle_name text,
    birth_date text not null,
    sex text,
    civil_state text,
    civil_state_since date,
    birth_place text,
    birth_place_nl text,
    birth_place_fr text,
    birth_place_de text,
    decease_date date,
    register text not null,
    nationality text,
    created_on date not null,
    identity_card_number text unique,
    identity_card_since date,
    identity_card_until date,
    sis_card_number text unique
);

-- Main residences, by country, municipality and street; names in the languages in which they are known.
create table if not exists rr.address (
    ssin bigint not null,
    begin_date date not null,
    end_date date,
    country text not null,
    municipality text,
    municipality_nl text,
    municipality_fr text,
    municipality_de text,
    street_code text,
    street_nl text,
    street_fr text,
    street_de text,
    house_number text,
    check (end_date >= begin_date)
);

-- Who lives with whom now, as what to the reference person.
create table if not exists rr.member (
    household bigint not null,
    ssin bigint primary key,
    relationship text not null,
    since date not null
);

create index if not exists address_by_ssin on rr.address (ssin);
create index if not exists member_by_household on rr.member (household);
