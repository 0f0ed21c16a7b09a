-- Subject management. A container is a subject over time, a template how it is offered in one range
-- of terms. Terms are texts such as 2019FA, and 999999 for an open end; compared byte by byte they
-- are in order. Times are ISO 8601 in UTC, documents JSON texts.

-- What subjects refer to.
CREATE TABLE academic_term (
    term_code TEXT NOT NULL PRIMARY KEY CHECK (length(term_code) = 6),
    academic_year BIGINT NOT NULL,
    description TEXT NOT NULL
);
CREATE TABLE subject_code (
    subject_code TEXT NOT NULL PRIMARY KEY,
    description TEXT NOT NULL,
    department_code TEXT NOT NULL
);
CREATE TABLE subject_attribute (
    attribute_code TEXT NOT NULL PRIMARY KEY,
    description TEXT NOT NULL,
    category TEXT NOT NULL CHECK (category IN ('GIR', 'HASS', 'COMM', 'OTHER'))
);
CREATE TABLE grading_mode (
    code TEXT NOT NULL PRIMARY KEY,
    description TEXT NOT NULL
);
CREATE TABLE grading_mode_type (
    code TEXT NOT NULL PRIMARY KEY,
    description TEXT NOT NULL
);
-- Every legal pair of a mode and a type; only the mandate sets those that are experimental.
CREATE TABLE stv_grd_opt_rules (
    gmod_code TEXT NOT NULL,
    gmod_type TEXT NOT NULL,
    experimental_ind TEXT NOT NULL CHECK (experimental_ind IN ('Y', 'N')),
    description TEXT NOT NULL,
    PRIMARY KEY (gmod_code, gmod_type)
);
-- What the mandate says of templates with an attribute, where no procedure of the database does.
CREATE TABLE gmod_mandate_rule (
    rule_id BIGINT NOT NULL PRIMARY KEY,
    attribute_code TEXT NOT NULL REFERENCES subject_attribute (attribute_code),
    output_text TEXT NOT NULL,
    fail_ind TEXT NOT NULL CHECK (fail_ind IN ('Y', 'N'))
);
CREATE TABLE subject_display_ctrl_option (
    control_code TEXT NOT NULL,
    option_value TEXT NOT NULL,
    from_term TEXT NOT NULL,
    thru_term TEXT NOT NULL,
    PRIMARY KEY (control_code, option_value),
    CHECK (from_term <= thru_term)
);
CREATE TABLE home_institution (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
);
CREATE TABLE home_org_unit (
    home_institution_id TEXT NOT NULL REFERENCES home_institution (id),
    home_school_id TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (home_institution_id, home_school_id)
);
-- The qualifier is a department, or * for a requirement.
CREATE TABLE notification_recipient (
    notification_type TEXT NOT NULL CHECK (notification_type IN ('SR', 'XLIST', 'HASS', 'COMM')),
    qualifier TEXT NOT NULL,
    email TEXT NOT NULL,
    PRIMARY KEY (notification_type, qualifier, email)
);
CREATE TABLE subject_mgmt_config (
    config_code TEXT NOT NULL PRIMARY KEY,
    config_value TEXT NOT NULL,
    description TEXT NOT NULL
);

-- Containers and templates. That templates of one container, and those with one subject id, lie
-- apart is held by the program, which writes one request at a time.
CREATE TABLE subject_container (
    container_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    subject_type TEXT NOT NULL,
    last_active_term TEXT,
    created_at TEXT NOT NULL,
    updated_by TEXT
);
CREATE TABLE subject_template (
    template_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    container_id BIGINT NOT NULL REFERENCES subject_container (container_id),
    eff_from_term TEXT NOT NULL,
    eff_thru_term TEXT NOT NULL,
    version_number BIGINT NOT NULL,
    template_status TEXT NOT NULL CHECK (template_status IN ('A', 'D')),
    title TEXT NOT NULL,
    description TEXT,
    subject_level TEXT CHECK (subject_level IN ('U', 'G')),
    lecture_units BIGINT NOT NULL CHECK (lecture_units >= 0),
    lab_units BIGINT NOT NULL CHECK (lab_units >= 0),
    prep_units BIGINT NOT NULL CHECK (prep_units >= 0),
    grade_rule TEXT CHECK (grade_rule IN ('J', 'N', 'R', 'T')),
    CHECK (eff_from_term <= eff_thru_term)
);
CREATE UNIQUE INDEX subject_template_active ON subject_template (container_id, eff_from_term)
    WHERE template_status = 'A';
CREATE INDEX subject_template_by_container ON subject_template (container_id, eff_from_term);
CREATE TABLE subject_tmpl_reg_instance (
    template_id BIGINT NOT NULL REFERENCES subject_template (template_id),
    subject_code TEXT NOT NULL,
    subject_number TEXT NOT NULL,
    instance_type TEXT NOT NULL CHECK (instance_type IN ('M', 'X')),
    PRIMARY KEY (template_id, subject_code, subject_number)
);
CREATE UNIQUE INDEX subject_tmpl_reg_instance_main ON subject_tmpl_reg_instance (template_id)
    WHERE instance_type = 'M';
CREATE INDEX subject_tmpl_reg_instance_by_id
    ON subject_tmpl_reg_instance (subject_code, subject_number);
CREATE TABLE subject_tmpl_attr (
    template_id BIGINT NOT NULL REFERENCES subject_template (template_id),
    attribute_code TEXT NOT NULL,
    PRIMARY KEY (template_id, attribute_code)
);
CREATE TABLE subject_tmpl_gmod (
    template_id BIGINT NOT NULL REFERENCES subject_template (template_id),
    gmod_code TEXT NOT NULL,
    gmod_type TEXT NOT NULL,
    PRIMARY KEY (template_id, gmod_code, gmod_type)
);
CREATE TABLE subject_tmpl_term_plan (
    template_id BIGINT NOT NULL REFERENCES subject_template (template_id),
    term_code TEXT NOT NULL,
    offered_ind TEXT NOT NULL CHECK (offered_ind IN ('Y', 'N')),
    instructors TEXT,
    PRIMARY KEY (template_id, term_code)
);
CREATE TABLE subject_tmpl_year_plan (
    template_id BIGINT NOT NULL REFERENCES subject_template (template_id),
    academic_year BIGINT NOT NULL,
    next_offered_year BIGINT,
    PRIMARY KEY (template_id, academic_year)
);
CREATE TABLE subject_tmpl_display_ctrl (
    template_id BIGINT NOT NULL REFERENCES subject_template (template_id),
    academic_year BIGINT NOT NULL,
    control_code TEXT NOT NULL,
    option_value TEXT NOT NULL,
    PRIMARY KEY (template_id, academic_year, control_code)
);
CREATE TABLE subject_tmpl_url (
    template_id BIGINT NOT NULL REFERENCES subject_template (template_id),
    academic_year BIGINT NOT NULL,
    url_type TEXT NOT NULL,
    url TEXT NOT NULL,
    PRIMARY KEY (template_id, academic_year, url_type)
);
CREATE TABLE subject_tmpl_requisite (
    template_id BIGINT NOT NULL REFERENCES subject_template (template_id),
    requisite_kind TEXT NOT NULL CHECK (requisite_kind IN ('PRE', 'CO')),
    tree_json TEXT NOT NULL,
    PRIMARY KEY (template_id, requisite_kind)
);
CREATE TABLE subject_tmpl_home_subject (
    template_id BIGINT NOT NULL PRIMARY KEY REFERENCES subject_template (template_id),
    home_institution_id TEXT NOT NULL,
    home_school_id TEXT NOT NULL,
    home_subject_id TEXT NOT NULL
);
CREATE INDEX subject_tmpl_home_subject_by_id ON subject_tmpl_home_subject (home_subject_id);
CREATE TABLE subject_enrollable (
    container_id BIGINT NOT NULL REFERENCES subject_container (container_id),
    term_code TEXT NOT NULL,
    subject_code TEXT NOT NULL,
    subject_number TEXT NOT NULL,
    enrollable_ind TEXT NOT NULL CHECK (enrollable_ind IN ('Y', 'N')),
    PRIMARY KEY (container_id, term_code, subject_code, subject_number)
);

-- Relations: the maximal ranges of every pair, in both directions.
CREATE TABLE subject_container_equiv (
    container_id BIGINT NOT NULL REFERENCES subject_container (container_id),
    equiv_container_id BIGINT NOT NULL REFERENCES subject_container (container_id),
    from_term TEXT NOT NULL,
    thru_term TEXT NOT NULL,
    PRIMARY KEY (container_id, equiv_container_id, from_term),
    CHECK (container_id <> equiv_container_id),
    CHECK (from_term <= thru_term)
);
CREATE INDEX subject_container_equiv_by_other ON subject_container_equiv (equiv_container_id);
-- What lies outside a range of a container's rows is found without reading those within.
CREATE INDEX subject_container_equiv_by_from ON subject_container_equiv (container_id, from_term);
CREATE INDEX subject_container_equiv_by_thru ON subject_container_equiv (container_id, thru_term);
CREATE TABLE subject_container_relation (
    container_id BIGINT NOT NULL REFERENCES subject_container (container_id),
    related_container_id BIGINT NOT NULL REFERENCES subject_container (container_id),
    from_term TEXT NOT NULL,
    thru_term TEXT NOT NULL,
    PRIMARY KEY (container_id, related_container_id, from_term),
    CHECK (container_id <> related_container_id),
    CHECK (from_term <= thru_term)
);
CREATE INDEX subject_container_relation_by_other
    ON subject_container_relation (related_container_id);

-- The queue: never changed once written.
CREATE TABLE subject_backfill_queue (
    queue_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    api_ref_id BIGINT NOT NULL,
    container_id BIGINT NOT NULL,
    template_id BIGINT NOT NULL,
    backfill_process_type TEXT
        CHECK (backfill_process_type IN ('SR', 'SD', 'BD', 'RQ', 'TP')),
    previous_data TEXT,
    new_data TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX subject_backfill_queue_by_ref ON subject_backfill_queue (api_ref_id);
CREATE INDEX subject_backfill_queue_by_container ON subject_backfill_queue (container_id);
CREATE TABLE subject_backfill_queue_usedkey (
    queue_id BIGINT NOT NULL REFERENCES subject_backfill_queue (queue_id),
    subject_code TEXT NOT NULL,
    subject_number TEXT NOT NULL,
    relationship_type TEXT NOT NULL CHECK (relationship_type IN ('M', 'C', 'E', 'S')),
    PRIMARY KEY (queue_id, subject_code, subject_number)
);
CREATE INDEX subject_backfill_queue_usedkey_by_id
    ON subject_backfill_queue_usedkey (subject_code, subject_number);

-- The log of requests, written in transactions of its own, and where its numbers come from. Its
-- rows outlive what they tell of, so that they refer to nothing.
CREATE TABLE subject_api_process_log (
    log_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    api_ref_id BIGINT NOT NULL,
    container_id BIGINT,
    process_name TEXT NOT NULL,
    log_type TEXT NOT NULL
        CHECK (log_type IN ('VALIDATION', 'EXCEPTION', 'WARNING', 'COMPONENT', 'RESULT')),
    component TEXT,
    action TEXT,
    message TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX subject_api_process_log_by_ref ON subject_api_process_log (api_ref_id);
CREATE INDEX subject_api_process_log_by_container
    ON subject_api_process_log (container_id, created_at);
CREATE TABLE api_sequence (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO api_sequence (name, value) VALUES ('subject_api_process_log_id_seq', 0);

CREATE TABLE subject_notification_support (
    notification_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    api_ref_id BIGINT NOT NULL,
    container_id BIGINT NOT NULL REFERENCES subject_container (container_id),
    academic_year BIGINT NOT NULL,
    notification_type TEXT NOT NULL CHECK (notification_type IN ('SR', 'XLIST', 'HASS', 'COMM')),
    notification_data TEXT NOT NULL,
    created_at TEXT NOT NULL
);
