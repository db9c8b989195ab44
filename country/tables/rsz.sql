-- Tables of the social security office's own database, as far as its station answers from them.
-- They are the institution's, not the crossroads bank's: no migration of ours touches them.
-- Numbers of people are integers. Both days of a period are included; no end: still running.
-- Column names of rsz.employment are the field names of 05/022 §18.
create schema if not exists rsz;

create table if not exists rsz.employer (
    cbe_number text primary key,
    nsso_number text not null unique,
    nsso_number_origin text not null,
    establishment_number text not null,
    employer_category text not null,
    nace text not null,
    language text not null,
    municipality text not null,
    curatorship boolean not null
);

create table if not exists rsz.dimona (
    dimona_period_id bigint primary key,
    ssin bigint not null,
    employer_cbe text not null,
    nsso_number text not null,
    last_name text not null,
    first_name text not null,
    worker_type text not null,
    joint_committee text not null,
    begin_date date not null,
    end_date date,
    check (end_date >= begin_date)
);

-- One row per employment, however many quarters it lasts (05/022 §16).
create table if not exists rsz.employment (
    ssin bigint not null,
    nsso_number text not null,
    nsso_number_origin text not null,
    cbe_number text not null,
    employer_category text not null,
    worker_code text not null,
    joint_committee_number text not null,
    curatorship boolean not null,
    worker_status text,
    employment_begin_date date not null,
    employment_end_date date,
    mean_weekly_hours_reference_s numeric(5, 2),
    mean_weekly_hours_worker_q numeric(5, 2),
    check (employment_end_date >= employment_begin_date)
);

create index if not exists dimona_by_ssin on rsz.dimona (ssin);
create index if not exists employment_by_ssin on rsz.employment (ssin);
