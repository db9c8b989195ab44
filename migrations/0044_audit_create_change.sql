-- Changes of the directory, one row for each command. `sealed` is what the leaf was made over,
-- encrypted under the key of its month; the other columns only find it again.
create table audit.change (
    recorded_at timestamptz not null,
    ssin bigint,
    id uuid primary key,
    institution text not null,
    sealed bytea not null
);

create index change_by_person on audit.change (ssin, recorded_at) where ssin is not null;
create index change_by_time on audit.change (recorded_at);
