-- Promotions and tax.

-- A promotion: `body` is what staff wrote (shape OrderPromotion); beside it what statements count
-- and look for.
CREATE TABLE order_promotion (
    id                 {ID},
    title              {TEXT} NOT NULL CHECK (length(title) BETWEEN 1 AND 255),
    active             {BOOL} NOT NULL,
    automatic          {BOOL} NOT NULL,
    ends_ms            {TIME},
    body               {TEXT} NOT NULL,
    limit_total        {INT} CHECK (limit_total > 0),
    limit_per_customer {INT} CHECK (limit_per_customer > 0),
    budget_amount      {INT} NOT NULL CHECK (budget_amount >= 0),
    budget_currency    {TEXT} NOT NULL, -- '': no budget
    used               {INT} NOT NULL CHECK (used >= 0),
    used_amount        {INT} NOT NULL CHECK (used_amount >= 0),
    codes              {INT} NOT NULL CHECK (codes >= 0),
    rev                {INT} NOT NULL,
    created_ms         {TIME} NOT NULL,
    updated_ms         {TIME} NOT NULL,
    CONSTRAINT order_promotion_limit CHECK (limit_total IS NULL OR used <= limit_total),
    CONSTRAINT order_promotion_budget
        CHECK (budget_currency = '' OR used_amount <= budget_amount)
) {STRICT};

-- A code that customers type in. `code_key` is what codes are compared by.
CREATE TABLE order_code (
    id           {ID},
    promotion_id {INT} NOT NULL REFERENCES order_promotion (id) ON DELETE CASCADE,
    code         {TEXT} NOT NULL CHECK (length(code) BETWEEN 1 AND 64),
    code_key     {TEXT} NOT NULL CHECK (length(code_key) BETWEEN 1 AND 64),
    active       {BOOL} NOT NULL,
    limit_total  {INT} CHECK (limit_total > 0),
    used         {INT} NOT NULL CHECK (used >= 0),
    batch        {TEXT} NOT NULL,
    created_ms   {TIME} NOT NULL,
    CONSTRAINT order_code_limit CHECK (limit_total IS NULL OR used <= limit_total)
) {STRICT};
CREATE UNIQUE INDEX order_code_by_key ON order_code (code_key);
CREATE INDEX order_code_by_promotion ON order_code (promotion_id, id);

-- What an order used, to be given back when it is cancelled.
CREATE TABLE order_promotion_use (
    order_id     {INT} NOT NULL,
    promotion_id {INT} NOT NULL,
    code_id      {INT},
    buyer        {TEXT} NOT NULL,
    amount       {INT} NOT NULL CHECK (amount >= 0),
    currency     {TEXT} NOT NULL,
    at_ms        {TIME} NOT NULL,
    given_back   {BOOL} NOT NULL,
    PRIMARY KEY (order_id, promotion_id)
) {KEYED};
CREATE INDEX order_promotion_use_by_promotion ON order_promotion_use (promotion_id, order_id);

-- How often one customer used a promotion that limits it.
CREATE TABLE order_promotion_buyer (
    promotion_id {INT} NOT NULL REFERENCES order_promotion (id) ON DELETE CASCADE,
    buyer        {TEXT} NOT NULL,
    used         {INT} NOT NULL CHECK (used >= 0),
    PRIMARY KEY (promotion_id, buyer)
) {KEYED};

-- What products name as their tax class.
CREATE TABLE order_tax_class (
    id     {ID},
    handle {TEXT} NOT NULL CHECK (length(handle) BETWEEN 1 AND 64),
    title  {TEXT} NOT NULL,
    base   {TEXT} NOT NULL -- class whose rates are taken where a zone has none; '': standard
) {STRICT};
CREATE UNIQUE INDEX order_tax_class_by_handle ON order_tax_class (handle);

-- A country, or regions or postal codes of one, or the world.
CREATE TABLE order_tax_zone (
    id         {ID},
    title      {TEXT} NOT NULL,
    country    {TEXT} NOT NULL CHECK (length(country) IN (0, 2)),
    regions    {TEXT} NOT NULL, -- JSON: ["CA-QC", …]
    postals    {TEXT} NOT NULL, -- JSON: [{"from": "35000", "to": "35999"}, …]
    adds       {BOOL} NOT NULL,
    active     {BOOL} NOT NULL,
    shipped    {BOOL} NOT NULL, -- from the table that ships
    rev        {INT} NOT NULL,
    created_ms {TIME} NOT NULL,
    updated_ms {TIME} NOT NULL
) {STRICT};
CREATE INDEX order_tax_zone_by_country ON order_tax_zone (country, id);

CREATE TABLE order_tax_rate (
    id        {ID},
    zone_id   {INT} NOT NULL REFERENCES order_tax_zone (id) ON DELETE CASCADE,
    position  {INT} NOT NULL,
    tax_class {TEXT} NOT NULL,
    name      {TEXT} NOT NULL,
    rate_ppm  {INT} NOT NULL CHECK (rate_ppm BETWEEN 0 AND 10000000),
    compound  {BOOL} NOT NULL,
    starts_ms {TIME},
    ends_ms   {TIME},
    shipped   {BOOL} NOT NULL -- false: staff wrote or changed it
) {STRICT};
CREATE INDEX order_tax_rate_by_zone ON order_tax_rate (zone_id, position, id);

-- Which version of the table that ships was brought in. One row.
CREATE TABLE order_tax_shipped (
    id         {ID},
    date       {TEXT} NOT NULL,
    applied_ms {TIME} NOT NULL
) {STRICT};
