-- Who read the trail, or asked to: one row for each page. `encoded` is what the leaf was made over;
-- the other columns only find it again.
create table audit.reading (
    recorded_at timestamptz not null,
    ssin bigint,
    id uuid primary key,
    institution text not null,
    encoded bytea not null
);

create index reading_by_person on audit.reading (ssin, recorded_at) where ssin is not null;
create index reading_by_institution on audit.reading (institution, recorded_at);
create index reading_by_time on audit.reading (recorded_at);
