//! What the requests of a subject's life leave in part when they are not whole.

/// Each finds what should not be, in a database in which subjects live as the clients of the kills
/// let them.
pub const TORN: [&str; 22] = [
    // What is always together.
    "SELECT 'container without template ' || c.container_id FROM subject_container c \
     WHERE NOT EXISTS (SELECT 1 FROM subject_template t WHERE t.container_id = c.container_id)",
    "SELECT 'template with ids missing ' || t.template_id FROM subject_template t WHERE \
     (SELECT COUNT(*) FROM subject_tmpl_reg_instance i WHERE i.template_id = t.template_id) <> 2",
    "SELECT 'template without its attribute ' || t.template_id FROM subject_template t WHERE \
     (SELECT COUNT(*) FROM subject_tmpl_attr a WHERE a.template_id = t.template_id) <> 1",
    "SELECT 'one direction of EQ ' || e.container_id FROM subject_container_equiv e \
     WHERE NOT EXISTS (SELECT 1 FROM subject_container_equiv o \
     WHERE o.container_id = e.equiv_container_id AND o.equiv_container_id = e.container_id \
     AND o.from_term = e.from_term AND o.thru_term = e.thru_term)",
    "SELECT 'one direction of SR ' || e.container_id FROM subject_container_relation e \
     WHERE NOT EXISTS (SELECT 1 FROM subject_container_relation o \
     WHERE o.container_id = e.related_container_id AND o.related_container_id = e.container_id \
     AND o.from_term = e.from_term AND o.thru_term = e.thru_term)",
    // A second subject is created with both relations, and the end of the first one ends one only.
    "SELECT 'one relation of two ' || e.container_id FROM subject_container_equiv e \
     WHERE NOT EXISTS (SELECT 1 FROM subject_container_relation r \
     WHERE r.container_id = e.container_id AND r.related_container_id = e.equiv_container_id)",
    // The queue.
    "SELECT 'container without record ' || c.container_id FROM subject_container c \
     WHERE NOT EXISTS (SELECT 1 FROM subject_backfill_queue q \
     WHERE q.container_id = c.container_id)",
    "SELECT 'template without record ' || t.template_id FROM subject_template t WHERE NOT EXISTS \
     (SELECT 1 FROM subject_backfill_queue q WHERE q.template_id = t.template_id)",
    "SELECT 'backdated without record ' || t.container_id FROM subject_template t \
     WHERE t.eff_from_term = '2017FA' AND NOT EXISTS (SELECT 1 FROM subject_backfill_queue q \
     WHERE q.container_id = t.container_id AND q.backfill_process_type = 'BD')",
    "SELECT 'ended without record ' || c.container_id FROM subject_container c \
     WHERE c.last_active_term IS NOT NULL AND NOT EXISTS (SELECT 1 FROM subject_backfill_queue q \
     WHERE q.container_id = c.container_id \
     AND q.new_data LIKE '%\"lastActiveTerm\":\"' || c.last_active_term || '\"%')",
    "SELECT 'record with keys missing ' || q.queue_id FROM subject_backfill_queue q WHERE \
     (SELECT COUNT(*) FROM subject_backfill_queue_usedkey k WHERE k.queue_id = q.queue_id) < 2",
    "SELECT 'record without lease ' || q.queue_id FROM subject_backfill_queue q WHERE NOT EXISTS \
     (SELECT 1 FROM subject_backfill_lease l WHERE l.queue_id = q.queue_id)",
    "SELECT 'logged and not there ' || l.api_ref_id FROM subject_api_process_log l \
     WHERE l.log_type = 'RESULT' AND l.process_name <> 'send_notifications' \
     AND NOT EXISTS (SELECT 1 FROM subject_backfill_queue q \
     WHERE q.api_ref_id = l.api_ref_id AND q.container_id = l.container_id)",
    // A split, a deactivation and a reactivation: templates neither overlap nor leave a gap, but that
    // in which the container was not active; the last active term says where the last one ends.
    "SELECT 'templates overlap ' || t.template_id FROM subject_template t JOIN subject_template o \
     ON o.container_id = t.container_id AND o.template_id <> t.template_id \
     AND o.template_status = 'A' AND t.template_status = 'A' \
     AND o.eff_from_term <= t.eff_thru_term AND t.eff_from_term <= o.eff_thru_term",
    "SELECT 'a gap after ' || t.template_id FROM subject_template t \
     WHERE t.template_status = 'A' AND t.eff_thru_term NOT IN ('999999', '2022SU') \
     AND NOT EXISTS (SELECT 1 FROM subject_template o WHERE o.container_id = t.container_id \
     AND o.template_status = 'A' AND o.eff_from_term = \
     (SELECT MIN(term_code) FROM academic_term WHERE term_code > t.eff_thru_term))",
    "SELECT 'another last term ' || c.container_id FROM subject_container c \
     WHERE COALESCE(c.last_active_term, '999999') <> (SELECT MAX(t.eff_thru_term) \
     FROM subject_template t WHERE t.container_id = c.container_id AND t.template_status = 'A')",
    "SELECT 'taught with one that has ended ' || c.container_id FROM subject_container c \
     JOIN subject_container_relation r ON r.container_id = c.container_id \
     WHERE r.thru_term > c.last_active_term",
    // A year's plan and its display: all rows, the record, and whom it concerns.
    "SELECT 'half a plan ' || c.container_id FROM subject_container c WHERE (SELECT COUNT(*) FROM ( \
     SELECT 1 AS part FROM subject_tmpl_term_plan p JOIN subject_template t \
     ON t.template_id = p.template_id AND t.container_id = c.container_id \
     UNION SELECT 2 FROM subject_tmpl_year_plan p JOIN subject_template t \
     ON t.template_id = p.template_id AND t.container_id = c.container_id \
     UNION SELECT 3 FROM subject_api_process_log l WHERE l.container_id = c.container_id \
     AND l.process_name = 'change_term_plans' AND l.log_type = 'RESULT' AND NOT EXISTS \
     (SELECT 1 FROM subject_backfill_queue q WHERE q.api_ref_id = l.api_ref_id)) parts) NOT IN (0, 2)",
    "SELECT 'half a display ' || u.template_id FROM subject_tmpl_url u WHERE NOT EXISTS \
     (SELECT 1 FROM subject_tmpl_display_ctrl d WHERE d.template_id = u.template_id) \
     UNION ALL SELECT 'half a display ' || d.template_id FROM subject_tmpl_display_ctrl d \
     WHERE NOT EXISTS (SELECT 1 FROM subject_tmpl_url u WHERE u.template_id = d.template_id)",
    "SELECT 'a notification of nothing ' || n.notification_id FROM subject_notification_support n \
     WHERE NOT EXISTS (SELECT 1 FROM subject_backfill_queue q \
     WHERE q.api_ref_id = n.api_ref_id AND q.backfill_process_type = 'TP')",
    // Lists that are replaced whole.
    "SELECT 'half of what students may ' || container_id FROM subject_enrollable \
     GROUP BY container_id HAVING COUNT(*) <> 2",
    "SELECT 'half of what is required ' || template_id FROM subject_tmpl_requisite \
     GROUP BY template_id HAVING COUNT(*) <> 2",
];
