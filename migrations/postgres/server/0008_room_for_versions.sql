-- A change of a relation counts up the versions of all templates of its containers. Pages with room
-- take the new row beside the old one, and none of the indexes is written. It holds for pages that
-- are new.
ALTER TABLE subject_template SET (fillfactor = 70);
