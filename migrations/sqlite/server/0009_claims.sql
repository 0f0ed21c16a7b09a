-- Until when a process that sends a notification is left alone with it, in milliseconds since 1970:
-- SQLite has no locks of rows.
ALTER TABLE subject_notification_support ADD COLUMN claimed_until_ms BIGINT;
