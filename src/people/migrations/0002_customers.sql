-- Customers: whatever names somebody, how these names hang together, and what is known.

-- A name of somebody: an account, an e-mail address, a browser …
CREATE TABLE people_identifier (
    id          {ID},
    profile_id  {INT} NOT NULL, -- the smallest id of its component; follows from people_edge
    namespace   {TEXT} NOT NULL,
    value       {TEXT} NOT NULL, -- normalised
    verified_ms {TIME},          -- since when we know that it is theirs
    shared      {BOOL} NOT NULL, -- used by too many people: joins nobody any more
    created_ms  {TIME} NOT NULL,
    seen_ms     {TIME} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX people_identifier_by_value ON people_identifier (namespace, value);
CREATE INDEX people_identifier_by_profile ON people_identifier (profile_id, id);

-- "These two name the same person", and why. Revoked and refused ones are kept as evidence.
CREATE TABLE people_edge (
    id         {ID},
    a_id       {INT} NOT NULL REFERENCES people_identifier (id),
    b_id       {INT} NOT NULL REFERENCES people_identifier (id),
    rule       {TEXT} NOT NULL CHECK (rule IN ('same_event', 'login', 'verified_email', 'manual', 'import')),
    state      {TEXT} NOT NULL CHECK (state IN ('active', 'revoked', 'refused')),
    confidence {INT} NOT NULL CHECK (confidence BETWEEN 0 AND 100),
    source     {TEXT} NOT NULL, -- 'storefront', 'api', 'segment' …
    evidence   {TEXT} NOT NULL, -- the event, request or note that says so
    actor      {TEXT} NOT NULL, -- who made it
    reason     {TEXT} NOT NULL, -- why it was refused or revoked
    created_ms {TIME} NOT NULL,
    ended_ms   {TIME},
    ended_by   {TEXT} NOT NULL,
    CONSTRAINT people_edge_in_order CHECK (a_id < b_id)
) {STRICT};
CREATE INDEX people_edge_by_a ON people_edge (a_id, b_id, state);
CREATE INDEX people_edge_by_b ON people_edge (b_id, state);

-- What a component of identifiers adds up to; every column follows from the tables beside.
CREATE TABLE people_profile (
    id          {ID}, -- the smallest id of its identifiers
    identifiers {INT} NOT NULL,
    account_id  {INT},
    email       {TEXT},
    phone       {TEXT},
    name        {TEXT},
    name_key    {TEXT} NOT NULL, -- folded; '': none
    country     {TEXT},
    locale      {TEXT},
    known       {BOOL} NOT NULL, -- has an account, an address or a number: more than a browser
    created_ms  {TIME} NOT NULL,
    seen_ms     {TIME} NOT NULL
) {STRICT};
CREATE INDEX people_profile_known ON people_profile (id) WHERE known;
CREATE INDEX people_profile_by_name ON people_profile (name_key, id);

-- What somebody said or was found to be. Rows are added, never changed but for `current`.
CREATE TABLE people_trait (
    id            {ID},
    identifier_id {INT} NOT NULL REFERENCES people_identifier (id),
    name          {TEXT} NOT NULL,
    value         {TEXT} NOT NULL, -- JSON; null: taken back
    verified      {BOOL} NOT NULL,
    current       {BOOL} NOT NULL, -- counts, of this identifier and name
    source        {TEXT} NOT NULL,
    at_ms         {TIME} NOT NULL
) {STRICT};
CREATE INDEX people_trait_by_identifier ON people_trait (identifier_id, name, id);

CREATE TABLE people_account (
    id            {ID},
    identifier_id {INT} NOT NULL REFERENCES people_identifier (id),
    email         {TEXT} NOT NULL,
    email_key     {TEXT} NOT NULL, -- normalised; '': erased
    first_name    {TEXT} NOT NULL,
    last_name     {TEXT} NOT NULL,
    phone         {TEXT} NOT NULL,
    locale        {TEXT} NOT NULL,
    password      {TEXT} NOT NULL, -- argon2id with its parameters; '': none
    status        {TEXT} NOT NULL CHECK (status IN ('active', 'disabled', 'erased')),
    rev           {INT} NOT NULL,
    created_ms    {TIME} NOT NULL,
    updated_ms    {TIME} NOT NULL,
    last_login_ms {TIME}
) {STRICT};
CREATE UNIQUE INDEX people_account_by_email ON people_account (email_key) WHERE email_key <> '';
CREATE UNIQUE INDEX people_account_by_identifier ON people_account (identifier_id);

CREATE TABLE people_customer_session (
    id         {ID},
    account_id {INT} NOT NULL REFERENCES people_account (id),
    token_hash {BLOB} NOT NULL,
    agent      {TEXT} NOT NULL, -- the browser, as it calls itself
    net        {TEXT} NOT NULL, -- the network it came from, not the address
    created_ms {TIME} NOT NULL,
    seen_ms    {TIME} NOT NULL,
    ends_ms    {TIME} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX people_customer_session_by_token ON people_customer_session (token_hash);
CREATE INDEX people_customer_session_by_account ON people_customer_session (account_id, id);
CREATE INDEX people_customer_session_by_end ON people_customer_session (ends_ms);

-- Codes that were sent by mail, each good for the browser that asked for it.
CREATE TABLE people_code (
    token_hash {BLOB} NOT NULL PRIMARY KEY, -- of what that browser holds
    purpose    {TEXT} NOT NULL CHECK (purpose IN ('login', 'register', 'email', 'password')),
    email      {TEXT} NOT NULL,
    email_key  {TEXT} NOT NULL,
    code_hash  {BLOB} NOT NULL, -- under a key of the installation
    account_id {INT},
    first_name {TEXT} NOT NULL, -- 'register': what was asked for
    last_name  {TEXT} NOT NULL,
    password   {TEXT} NOT NULL, -- its hash
    locale     {TEXT} NOT NULL,
    tries      {INT} NOT NULL,
    created_ms {TIME} NOT NULL,
    ends_ms    {TIME} NOT NULL
) {KEYED};
CREATE INDEX people_code_by_email ON people_code (email_key);
CREATE INDEX people_code_by_end ON people_code (ends_ms);

CREATE TABLE people_address (
    id          {ID},
    account_id  {INT} NOT NULL REFERENCES people_account (id),
    first_name  {TEXT} NOT NULL,
    last_name   {TEXT} NOT NULL,
    company     {TEXT} NOT NULL,
    line1       {TEXT} NOT NULL,
    line2       {TEXT} NOT NULL,
    city        {TEXT} NOT NULL,
    zone        {TEXT} NOT NULL, -- state, province, prefecture
    postal_code {TEXT} NOT NULL,
    country     {TEXT} NOT NULL, -- ISO 3166
    phone       {TEXT} NOT NULL,
    is_default  {BOOL} NOT NULL,
    rev         {INT} NOT NULL,
    created_ms  {TIME} NOT NULL,
    updated_ms  {TIME} NOT NULL
) {STRICT};
CREATE INDEX people_address_by_account ON people_address (account_id, id);

-- Who agreed to what. Rows are added, never changed: the newest of a purpose counts.
CREATE TABLE people_consent (
    id            {ID},
    identifier_id {INT} NOT NULL REFERENCES people_identifier (id),
    purpose       {TEXT} NOT NULL,
    status        {TEXT} NOT NULL CHECK (status IN ('granted', 'denied', 'withdrawn')),
    text_version  {TEXT} NOT NULL, -- of the words that were shown
    locale        {TEXT} NOT NULL, -- their language
    source        {TEXT} NOT NULL,
    net           {TEXT} NOT NULL,
    agent         {TEXT} NOT NULL,
    at_ms         {TIME} NOT NULL
) {STRICT};
CREATE INDEX people_consent_by_identifier ON people_consent (identifier_id, purpose, id);

-- Somebody asked for their data, or to be forgotten.
CREATE TABLE people_data_request (
    id           {ID},
    profile_id   {INT} NOT NULL, -- as it was then
    kind         {TEXT} NOT NULL CHECK (kind IN ('export', 'erase')),
    status       {TEXT} NOT NULL CHECK (status IN ('pending', 'done', 'cancelled')),
    requested_by {TEXT} NOT NULL,
    created_ms   {TIME} NOT NULL,
    due_ms       {TIME} NOT NULL,
    done_ms      {TIME}
) {STRICT};
CREATE INDEX people_data_request_by_profile ON people_data_request (profile_id, id);

-- Identifiers of people who were erased, as hashes: they do not come back by a late event.
CREATE TABLE people_suppression (
    namespace  {TEXT} NOT NULL,
    hash       {BLOB} NOT NULL, -- under a key of the installation
    created_ms {TIME} NOT NULL,
    PRIMARY KEY (namespace, hash)
) {KEYED};
