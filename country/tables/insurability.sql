-- The table of the insurers' college, as far as its station answers from it. It is the institution's, not the
-- crossroads bank's: no migration of ours touches it. Numbers of people are integers. Both days of a period
-- are included; no end: still insured.
create schema if not exists insurability;

create table if not exists insurability.period (
    ssin bigint not null,
    insurability_begin date not null,
    insurability_end date,
    insurer_number text not null,
    registration_number text not null,
    holder_code_1 text not null,
    holder_code_2 text not null,
    increased_reimbursement boolean not null,
    maximum_billing_year integer,
    third_party_payer boolean not null,
    check (insurability_end >= insurability_begin)
);

create index if not exists period_by_ssin on insurability.period (ssin);
