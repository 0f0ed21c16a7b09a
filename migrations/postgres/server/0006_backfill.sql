-- Who works at which record of the backfill queue, beside the queue, whose rows never change. Every
-- record gets its row here when it is queued, whoever queues it. Times are in milliseconds since
-- 1970.
CREATE TABLE subject_backfill_lease (
    queue_id BIGINT NOT NULL PRIMARY KEY REFERENCES subject_backfill_queue (queue_id),
    container_id BIGINT NOT NULL,
    lease_id TEXT UNIQUE,
    worker TEXT,
    leased_until_ms BIGINT,
    attempt BIGINT NOT NULL,
    acknowledged_ms BIGINT
);
-- What is to be done: in the order of the queue, and in that of each container.
CREATE INDEX subject_backfill_lease_open ON subject_backfill_lease (queue_id)
    WHERE acknowledged_ms IS NULL;
CREATE INDEX subject_backfill_lease_open_by_container
    ON subject_backfill_lease (container_id, queue_id) WHERE acknowledged_ms IS NULL;

INSERT INTO subject_backfill_lease (queue_id, container_id, attempt)
    SELECT queue_id, container_id, 0 FROM subject_backfill_queue;
CREATE FUNCTION subject_backfill_queued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO subject_backfill_lease (queue_id, container_id, attempt)
        VALUES (NEW.queue_id, NEW.container_id, 0);
    RETURN NULL;
END $$;
CREATE TRIGGER subject_backfill_queued AFTER INSERT ON subject_backfill_queue
    FOR EACH ROW EXECUTE FUNCTION subject_backfill_queued();
