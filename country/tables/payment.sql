-- Tables of a payment institution's own database, as far as its station answers from them: one
-- database for each institution, with the people whom it pays. They are the institution's, not the
-- crossroads bank's: no migration of ours touches them.
-- Numbers of people are integers. Both days of a period are included; no end: still running.
-- Amounts are whole cents, a day where nothing else is said.
create schema if not exists payment;

-- Periods of unemployment paid here, with what the person was meanwhile.
create table if not exists payment.spell (
    ssin bigint not null,
    begin_date date not null,
    end_date date,
    full_unemployment_code text not null,
    specific_status_code text,
    half_benefits_per_week integer,
    igu_entitled boolean,
    igu_month_cents integer,
    primary key (ssin, begin_date),
    check (end_date >= begin_date)
);
comment on column payment.spell.igu_month_cents is 'income guarantee for a whole month';

-- Times of one amount, also those still to come as far as they are known. `cause`: why it began.
create table if not exists payment.amount (
    ssin bigint not null,
    begin_date date not null,
    end_date date,
    cause text not null check (cause in ('payment', 'period', 'age', 'family')),
    period integer not null,
    scale_code text not null,
    full_scale_code text not null,
    family_burden_seniority_code text not null,
    daily_cents integer not null,
    supplement_cents integer not null,
    withholding_tax boolean not null,
    burden_cents integer not null,
    single_cents integer not null,
    cohabiting_cents integer not null,
    primary key (ssin, begin_date),
    check (end_date >= begin_date)
);
comment on column payment.amount.burden_cents is
    'the amount, were the person one with family burden; likewise the two that follow';

-- Exemptions for informal care, and the amount meanwhile.
create table if not exists payment.exemption (
    ssin bigint not null,
    begin_date date not null,
    end_date date,
    daily_cents integer not null,
    primary key (ssin, begin_date),
    check (end_date >= begin_date)
);

-- Holidays of a year, and those that were taken while unemployed.
create table if not exists payment.holiday (
    ssin bigint not null,
    year integer not null,
    days_entitled integer not null,
    taken_begin date,
    taken_end date,
    days_taken integer not null,
    primary key (ssin, year),
    check ((taken_begin is null) = (taken_end is null))
);

create table if not exists payment.quarter (
    ssin bigint not null,
    quarter text not null,
    controlled_unemployment_days integer not null,
    holiday_days_covered integer not null,
    primary key (ssin, quarter)
);

-- Information sheets that insurers asked, and the amounts that each told before the file was sent.
create table if not exists payment.sheet (
    ssin bigint not null,
    asked_on date not null,
    primary key (ssin, asked_on)
);

create table if not exists payment.told (
    ssin bigint not null,
    asked_on date not null,
    begin_date date not null,
    daily_cents integer not null,
    primary key (ssin, asked_on, begin_date)
);
