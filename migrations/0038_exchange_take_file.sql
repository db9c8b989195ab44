-- Files of lines or questions are taken block by block: how far each has come, by its content.
create table exchange.taken_file (
    institution text not null,
    digest bytea not null,
    flow text not null,
    act text not null,
    lines bigint not null,
    bytes bigint not null,
    told_bytes bigint not null,
    begun_at timestamptz not null,
    ended_at timestamptz,
    primary key (institution, digest, flow, act)
);
