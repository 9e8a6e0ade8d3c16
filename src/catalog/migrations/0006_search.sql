-- What a merchant says about finding: synonyms, redirects of queries, rules. The body is the
-- JSON of its shape (search_guide.h): it is read as a whole, into memory.
CREATE TABLE catalog_search_entry (
    id         {ID},
    kind       {TEXT} NOT NULL CHECK (kind IN ('synonym', 'redirect', 'rule')),
    body       {TEXT} NOT NULL,
    created_ms {TIME} NOT NULL
) {STRICT};
CREATE INDEX catalog_search_entry_by_kind ON catalog_search_entry (kind, id);

-- What was searched for, by day (days since 1970) and language. `query` is what forms of one
-- question share, `shown` one way that it was typed. Nothing tells who it was.
CREATE TABLE catalog_search_day (
    day      {INT} NOT NULL,
    locale   {TEXT} NOT NULL,
    query    {TEXT} NOT NULL,
    shown    {TEXT} NOT NULL,
    searches {INT} NOT NULL,
    empty    {INT} NOT NULL,  -- found nothing, or nothing with all the words
    clicks   {INT} NOT NULL,
    PRIMARY KEY (day, locale, query)
) {KEYED};

-- Products that were opened from an answer.
CREATE TABLE catalog_search_click (
    day        {INT} NOT NULL,
    product_id {INT} NOT NULL,
    clicks     {INT} NOT NULL,
    PRIMARY KEY (day, product_id)
) {KEYED};
