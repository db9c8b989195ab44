-- name: is_migrated
-- True where the table of migrations stands, so also the migrations in it.
select to_regclass('postgres.migration') is not null as yes;

-- name: list_migrations
-- Every migration done here, with the checksum of the file as it was.
select name, checksum from postgres.migration order by name;

-- name: note_migration
-- Said in the transaction of the migration itself.
insert into postgres.migration (name, checksum) values ($1, $2);

-- name: lock_migrations
-- One migrator at a time in a database; the lock ends with its connection.
select pg_advisory_lock(7523094288207667809);

-- name: find_role
-- One row where the role stands.
select 1 as yes from pg_catalog.pg_roles where rolname = $1;

-- name: find_database
-- One row where the database stands.
select 1 as yes from pg_catalog.pg_database where datname = $1;

-- name: is_superuser
-- True where the one who asks may do everything.
select rolsuper as yes from pg_catalog.pg_roles where rolname = current_user;

-- name: list_tables
-- Every table of ours, as the server itself writes its name; parts of tables, not their wholes.
select format('%I.%I', n.nspname, c.relname) as name
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
order by 1;
