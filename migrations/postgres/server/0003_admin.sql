-- What the Admin API manages. "version" counts the states of a row: it is the ETag. The foreign
-- keys are a second lock: the program checks the same rules first, to answer with their messages.
CREATE TABLE admin_vendors (
    vendor_id BIGINT NOT NULL PRIMARY KEY,
    company TEXT COLLATE "C" NOT NULL,
    namespace_prefixes TEXT NOT NULL,
    contact_name TEXT NOT NULL,
    contact_email_address TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX admin_vendors_by_company ON admin_vendors (company, vendor_id);

CREATE TABLE admin_claim_sets (
    claim_set_id BIGINT NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    is_system_reserved BOOLEAN NOT NULL
);

-- The claim sets that an Ed-Fi installation starts with.
INSERT INTO admin_claim_sets (claim_set_id, name, is_system_reserved) VALUES
    (1, 'SIS Vendor', FALSE),
    (2, 'Ed-Fi Sandbox', FALSE),
    (3, 'Roster Vendor', FALSE),
    (4, 'Assessment Vendor', FALSE),
    (5, 'Assessment Read', FALSE),
    (6, 'Bootstrap Descriptors and EdOrgs', FALSE),
    (7, 'District Hosted SIS Vendor', FALSE),
    (8, 'Ed-Fi ODS Admin App', TRUE);

CREATE TABLE admin_instances (
    instance_id BIGINT NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    instance_type TEXT NOT NULL,
    year BIGINT,
    api_url TEXT NOT NULL,
    version BIGINT NOT NULL
);

-- An application has its key from the start and a secret from its first reset on. The numbers of
-- its education organizations are a JSON array.
CREATE TABLE admin_applications (
    application_id BIGINT NOT NULL PRIMARY KEY,
    instance_id BIGINT NOT NULL REFERENCES admin_instances (instance_id),
    vendor_id BIGINT NOT NULL REFERENCES admin_vendors (vendor_id),
    claim_set_id BIGINT NOT NULL REFERENCES admin_claim_sets (claim_set_id),
    name TEXT COLLATE "C" NOT NULL,
    education_organization_ids_json TEXT NOT NULL,
    application_key TEXT COLLATE "C" NOT NULL UNIQUE,
    secret_hash TEXT,
    version BIGINT NOT NULL
);

CREATE INDEX admin_applications_by_name ON admin_applications (instance_id, name, application_id);
CREATE INDEX admin_applications_by_vendor ON admin_applications (vendor_id);
CREATE INDEX admin_applications_by_claim_set ON admin_applications (claim_set_id);
