-- Rows that have ended are read on from the last of them, by the state and then by the row.
DROP INDEX licences_by_ended;
CREATE INDEX licences_by_ended ON licences (ended, row_id) WHERE ended IS NOT NULL;
