-- What the statements that change many lines are given: an array of such rows. A type never
-- changes, since a process of the release before may still send it.
create type directory.new_line as (
    ssin bigint,
    sector smallint,
    quality smallint,
    phase smallint,
    begin_date date,
    end_date date,
    member text
);
