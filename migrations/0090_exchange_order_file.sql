-- A file is taken once for an order and a purpose: the same bytes may come again in good faith.
alter table exchange.taken_file
    add column purpose text not null default '',
    add column order_id text not null default '',
    drop constraint taken_file_pkey,
    add primary key (institution, digest, flow, act, purpose, order_id);
