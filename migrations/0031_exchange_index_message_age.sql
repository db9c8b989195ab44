-- A message id is forgotten by the day on which it was first recorded, so repeating it does not
-- keep it. The index by claim is not used any more.
create index message_recorded_at on exchange.message (recorded_at);
drop index exchange.message_claimed_at;
