-- A market stall: one table with a column of every type, and one that refers to it.
CREATE TABLE stall_item (
    id         {ID},
    name       {TEXT} NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    note       {TEXT},
    state      {TEXT} NOT NULL CHECK (state IN ('fresh', 'stale')),
    price_amount   {INT} NOT NULL,
    price_currency {TEXT} NOT NULL CHECK (length(price_currency) = 3),
    qty        {INT},
    made_ms    {TIME} NOT NULL,
    sold_ms    {TIME},
    organic    {BOOL} NOT NULL,
    checked    {BOOL},
    weight     {REAL} NOT NULL,
    share      {REAL},
    picture    {BLOB} NOT NULL,
    thumbnail  {BLOB},
    extra      {JSON}
) {STRICT};
CREATE UNIQUE INDEX stall_item_by_name ON stall_item (name);
CREATE INDEX stall_item_by_made ON stall_item (made_ms, id);

CREATE TABLE stall_tag (
    item_id {INT} NOT NULL REFERENCES stall_item (id) ON DELETE CASCADE,
    tag     {TEXT} NOT NULL,
    PRIMARY KEY (item_id, tag)
) {KEYED};
