-- Ends a statement of which a claim found its key taken, so that nothing of it stands. The state
-- says so to the committer, which then writes the same one statement at a time.
create function postgres.lose_claim() returns boolean
language plpgsql as $$
begin
    raise exception using errcode = 'KR001', message = 'a claim found its key taken';
end
$$;
