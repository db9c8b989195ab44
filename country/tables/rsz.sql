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
    curatorship boolean not null,
    denomination text not null,
    address text,
    curator_id text,
    curator_name text,
    curator_address text,
    provisional_number text,
    check (curatorship = (curator_id is not null))
);

-- Runs of quarters in which an employer had people in service, as yyyyQn; no last one: still active.
create table if not exists rsz.activity (
    cbe_number text not null,
    first_quarter text not null,
    last_quarter text,
    check (last_quarter >= first_quarter)
);

-- Social secretariats and service providers, and for which employers they may act (05/022 §21-22).
create table if not exists rsz.mandatary (
    cbe_number text primary key,
    nsso_number text not null unique,
    denomination text not null,
    capacity text not null,
    language text not null
);

create table if not exists rsz.mandate (
    employer_cbe text not null,
    mandatary_cbe text not null,
    begin_date date not null,
    end_date date,
    check (end_date >= begin_date)
);

-- The RoutingModule (05/022 §21-23): to whom requests for an employer go, how, and which of them.
create table if not exists rsz.routing (
    employer_cbe text not null,
    destination_cbe text not null,
    channel text not null check (channel in ('ELECTRONIC', 'PAPER')),
    request_scope text not null check (request_scope in ('ALL', 'NON_GENERIC_ONLY')),
    begin_date date not null,
    end_date date,
    check (end_date >= begin_date)
);

-- UAM (05/022 §24-25): users of the portal, of employers and of mandataries.
create table if not exists rsz.portal_user (
    contact_person_id text primary key,
    cbe_number text not null,
    mobile_number text,
    phone_number text,
    fax_number text,
    email text,
    capacity text not null,
    channel_type text not null,
    local_manager_id text,
    language text not null
);

-- The personnel file (05/022 §28): one row per person who was ever declared in Dimona.
create table if not exists rsz.worker (
    ssin bigint primary key,
    last_name text not null,
    first_name text not null,
    second_name_initial text,
    birth_date text not null,
    birth_municipality text,
    birth_country text not null,
    sex text not null,
    nationality text not null
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
create index if not exists activity_by_employer on rsz.activity (cbe_number);
create index if not exists mandate_by_employer on rsz.mandate (employer_cbe);
create index if not exists routing_by_employer on rsz.routing (employer_cbe);
create index if not exists portal_user_by_enterprise on rsz.portal_user (cbe_number);
