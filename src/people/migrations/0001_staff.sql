-- Who may enter: staff, what they may do, and what they enter with. Secrets are stored as
-- hashes only, but for the one of the second step, which must be known to be checked.

CREATE TABLE people_role (
    id          {ID},
    name        {TEXT} NOT NULL,
    name_key    {TEXT} NOT NULL, -- folded (text_fold)
    description {TEXT} NOT NULL,
    builtin     {TEXT} NOT NULL, -- 'owner' …: its permissions are in role.c; '' for the shop's own
    permissions {TEXT} NOT NULL, -- one a line, sorted; '' for built-in ones
    rev         {INT} NOT NULL,
    created_ms  {TIME} NOT NULL,
    updated_ms  {TIME} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX people_role_by_name ON people_role (name_key);

INSERT INTO people_role (id, name, name_key, description, builtin, permissions, rev, created_ms,
    updated_ms) VALUES
    (1, 'Owner', 'owner', 'Everything, and the only role that can make owners.', 'owner', '', 1, 0, 0),
    (2, 'Manager', 'manager', 'Runs the shop: everything but API keys and other owners.', 'manager', '', 1, 0, 0),
    (3, 'Support', 'support', 'Answers customers; sees and mends orders.', 'support', '', 1, 0, 0),
    (4, 'Marketing', 'marketing', 'Products, content, campaigns and experiments.', 'marketing', '', 1, 0, 0),
    (5, 'Analyst', 'analyst', 'Reads figures, products and orders; changes nothing.', 'analyst', '', 1, 0, 0),
    (6, 'Developer', 'developer', 'API keys, theme, settings and the state of the system.', 'developer', '', 1, 0, 0),
    (7, 'Read only', 'read only', 'Sees everything, changes nothing.', 'read_only', '', 1, 0, 0);

CREATE TABLE people_staff (
    id            {ID},
    email         {TEXT} NOT NULL,
    email_key     {TEXT} NOT NULL, -- folded
    name          {TEXT} NOT NULL,
    locale        {TEXT} NOT NULL,
    status        {TEXT} NOT NULL CHECK (status IN ('active', 'disabled', 'invited')),
    password      {TEXT} NOT NULL, -- argon2id with its parameters; '': none set yet
    totp_secret   {BLOB},          -- being set up while totp_ms is NULL
    totp_ms       {TIME},          -- since when codes are asked for
    totp_step     {INT} NOT NULL,  -- of the last code used: it and older ones are spent
    rev           {INT} NOT NULL,
    created_ms    {TIME} NOT NULL,
    updated_ms    {TIME} NOT NULL,
    last_login_ms {TIME}
) {STRICT};
CREATE UNIQUE INDEX people_staff_by_email ON people_staff (email_key);

CREATE TABLE people_staff_role (
    staff_id {INT} NOT NULL REFERENCES people_staff ON DELETE CASCADE,
    role_id  {INT} NOT NULL REFERENCES people_role,
    PRIMARY KEY (staff_id, role_id)
) {KEYED};
CREATE INDEX people_staff_role_by_role ON people_staff_role (role_id, staff_id);

CREATE TABLE people_recovery_code (
    staff_id {INT} NOT NULL REFERENCES people_staff ON DELETE CASCADE,
    hash     {BLOB} NOT NULL,
    PRIMARY KEY (staff_id, hash)
) {KEYED};

CREATE TABLE people_session (
    id         {ID},
    staff_id   {INT} NOT NULL REFERENCES people_staff ON DELETE CASCADE,
    token_hash {BLOB} NOT NULL,
    half       {BOOL} NOT NULL, -- the password was right, the second step is due
    agent      {TEXT} NOT NULL, -- the browser, as it calls itself
    net        {TEXT} NOT NULL, -- the network it came from, not the address
    created_ms {TIME} NOT NULL,
    seen_ms    {TIME} NOT NULL,
    ends_ms    {TIME} NOT NULL  -- at the latest
) {STRICT};
CREATE UNIQUE INDEX people_session_by_token ON people_session (token_hash);
CREATE INDEX people_session_by_staff ON people_session (staff_id, id);
CREATE INDEX people_session_by_end ON people_session (ends_ms);

-- One-time links: to become owner, to accept an invitation, to set a new password.
CREATE TABLE people_link (
    token_hash {BLOB} NOT NULL PRIMARY KEY,
    purpose    {TEXT} NOT NULL CHECK (purpose IN ('owner', 'invite', 'reset')),
    staff_id   {INT} REFERENCES people_staff ON DELETE CASCADE,
    created_ms {TIME} NOT NULL,
    ends_ms    {TIME} NOT NULL
) {KEYED};
CREATE INDEX people_link_by_staff ON people_link (staff_id);

CREATE TABLE people_key (
    id          {ID},
    name        {TEXT} NOT NULL,
    secret_hash {BLOB} NOT NULL,
    permissions {TEXT} NOT NULL, -- one a line, sorted
    staff_id    {INT},           -- whose rights it is bounded by; NULL: made on the command line
    rev         {INT} NOT NULL,
    created_ms  {TIME} NOT NULL,
    updated_ms  {TIME} NOT NULL,
    ends_ms     {TIME},
    used_ms     {TIME},
    revoked_ms  {TIME}
) {STRICT};
CREATE INDEX people_key_by_staff ON people_key (staff_id, id);

-- Failures to sign in, per account and network. An attempt counts as failed until it has
-- succeeded, so that many at once gain nothing.
CREATE TABLE people_throttle (
    key      {TEXT} NOT NULL PRIMARY KEY,
    failures {INT} NOT NULL,
    until_ms {TIME} NOT NULL, -- not before
    seen_ms  {TIME} NOT NULL
) {KEYED};
CREATE INDEX people_throttle_by_seen ON people_throttle (seen_ms);
