-- Rows that have ended are read on from the last of them, by the state and then by the row.
DROP INDEX licences_by_ended;
CREATE INDEX licences_by_ended ON licences (ended, row_id) WHERE ended IS NOT NULL;

-- With "ended", which is NULL in all of them, the index alone tells the licences of a holder.
DROP INDEX licences_by_holder;
CREATE INDEX licences_by_holder ON licences (holder_number, issued_ms, licence_number, ended)
    WHERE ended IS NULL;
