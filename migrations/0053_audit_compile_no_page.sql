-- No plan of a page is compiled. What it is thought to cost is the sum over all months, and grows with
-- them and with the entries (37 000 for `id_behind` out of 30 million, where a server compiles from
-- 100 000 on); what it reads are some rows of each, and compiling 120 months takes longer than that.
alter function audit.looks_about(
    bigint, timestamptz, timestamptz, uuid, integer[], integer[], integer, integer
) set jit = 'off';
alter function audit.count_unseen(bigint, timestamptz, timestamptz, integer[], integer[])
    set jit = 'off';
alter function audit.looks_between(timestamptz, timestamptz, uuid, uuid, integer, integer)
    set jit = 'off';
alter function audit.id_behind(timestamptz, timestamptz, uuid, integer) set jit = 'off';
alter function audit.outcomes_of(uuid[], timestamptz[]) set jit = 'off';
alter function audit.readings_about(
    bigint, timestamptz, timestamptz, uuid, text[], text, integer
) set jit = 'off';
alter function audit.count_readings(bigint, text[]) set jit = 'off';
alter function audit.changes_about(bigint, timestamptz, timestamptz, uuid, text, integer)
    set jit = 'off';
