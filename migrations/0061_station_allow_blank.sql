-- A blank look is about nobody: asked so that a refusal takes as long as an answer without rows.
alter table station.look alter column ssin drop not null;
comment on column station.look.ssin is 'whom the look was about; null: a blank look, about nobody';
comment on column station.look.rows is
    'rows that left; null: more than may leave, or the select failed, so none left';
