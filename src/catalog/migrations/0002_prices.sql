-- Lists of prices. The base list (id 1) holds the ordinary ones and is always there.
CREATE TABLE catalog_price_list (
    id         {ID},
    handle     {TEXT} NOT NULL,
    title      {TEXT} NOT NULL,
    kind       {TEXT} NOT NULL CHECK (kind IN ('base', 'sale', 'override', 'contract')),
    currency   {TEXT} NOT NULL,  -- '': any
    priority   {INT} NOT NULL,
    active     {BOOL} NOT NULL,
    conditions {TEXT} NOT NULL,  -- a condition on the buyer's context; '': everybody
    starts_ms  {TIME},
    ends_ms    {TIME},
    rev        {INT} NOT NULL,
    created_ms {TIME} NOT NULL,
    updated_ms {TIME} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX catalog_price_list_by_handle ON catalog_price_list (handle);

INSERT INTO catalog_price_list (id, handle, title, kind, currency, priority, active, conditions,
    starts_ms, ends_ms, rev, created_ms, updated_ms)
VALUES (1, 'base', 'Base prices', 'base', '', 0, TRUE, '', NULL, NULL, 1, 0, 0);

CREATE TABLE catalog_price (
    id             {ID},
    product_id     {INT} NOT NULL REFERENCES catalog_product ON DELETE CASCADE,
    variant_id     {INT} NOT NULL REFERENCES catalog_variant ON DELETE CASCADE,
    list_id        {INT} NOT NULL REFERENCES catalog_price_list ON DELETE CASCADE,
    price_amount   {INT} NOT NULL CHECK (price_amount >= 0),
    price_currency {TEXT} NOT NULL CHECK (length(price_currency) = 3),
    compare_at     {INT} CHECK (compare_at >= 0),
    min_qty        {INT} NOT NULL CHECK (min_qty >= 1),
    starts_ms      {TIME} NOT NULL,  -- 0: always
    ends_ms        {TIME},
    since_ms       {TIME} NOT NULL
) {STRICT};
CREATE INDEX catalog_price_by_product ON catalog_price (product_id);
CREATE UNIQUE INDEX catalog_price_by_variant
    ON catalog_price (variant_id, list_id, price_currency, min_qty, starts_ms);
CREATE INDEX catalog_price_by_list ON catalog_price (list_id, id);

-- What prices were, for the lowest one of the last 30 days. Written when a price changes.
CREATE TABLE catalog_price_history (
    id             {SERIAL},
    variant_id     {INT} NOT NULL REFERENCES catalog_variant ON DELETE CASCADE,
    list_id        {INT} NOT NULL REFERENCES catalog_price_list ON DELETE CASCADE,
    price_amount   {INT} NOT NULL,
    price_currency {TEXT} NOT NULL,
    min_qty        {INT} NOT NULL,
    from_ms        {TIME} NOT NULL,
    to_ms          {TIME} NOT NULL,
    CHECK (from_ms < to_ms)
) {STRICT};
CREATE INDEX catalog_price_history_by_variant
    ON catalog_price_history (variant_id, price_currency, to_ms);
CREATE INDEX catalog_price_history_by_list ON catalog_price_history (list_id);
CREATE INDEX catalog_price_history_by_end ON catalog_price_history (to_ms);
