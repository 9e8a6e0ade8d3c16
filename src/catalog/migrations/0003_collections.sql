-- Groups of products: chosen by hand, or all for which a rule holds.
CREATE TABLE catalog_collection (
    id               {ID},
    handle           {TEXT} NOT NULL,
    title            {TEXT} NOT NULL,
    title_key        {TEXT} NOT NULL,
    description      {TEXT} NOT NULL,
    description_safe {TEXT},
    html_version     {INT} NOT NULL,
    kind             {TEXT} NOT NULL CHECK (kind IN ('manual', 'rule')),
    rule             {TEXT} NOT NULL,  -- a condition on the product
    sort             {TEXT} NOT NULL,
    seo_title        {TEXT} NOT NULL,
    seo_description  {TEXT} NOT NULL,
    template_suffix  {TEXT} NOT NULL,
    rule_rev         {INT} NOT NULL,   -- grows with `rule`: older passes over the products stop
    rev              {INT} NOT NULL,
    created_ms       {TIME} NOT NULL,
    updated_ms       {TIME} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX catalog_collection_by_handle ON catalog_collection (handle);
CREATE INDEX catalog_collection_by_title ON catalog_collection (title_key, id);
CREATE INDEX catalog_collection_by_updated ON catalog_collection (updated_ms, id);
CREATE INDEX catalog_collection_by_kind ON catalog_collection (kind, id);

CREATE TABLE catalog_collection_product (
    collection_id {INT} NOT NULL REFERENCES catalog_collection ON DELETE CASCADE,
    product_id    {INT} NOT NULL REFERENCES catalog_product ON DELETE CASCADE,
    position      {INT} NOT NULL,  -- by hand: ascending, with gaps; by rule: 0
    PRIMARY KEY (collection_id, product_id)
) {KEYED};
CREATE INDEX catalog_collection_product_by_position
    ON catalog_collection_product (collection_id, position, product_id);
CREATE INDEX catalog_collection_product_by_product ON catalog_collection_product (product_id);

-- Custom attributes: what there are, and their values.
CREATE TABLE catalog_attribute_def (
    id         {ID},
    scope      {TEXT} NOT NULL CHECK (scope IN ('product', 'variant', 'collection', 'page')),
    key        {TEXT} NOT NULL,
    name       {TEXT} NOT NULL,
    type       {TEXT} NOT NULL,
    item_type  {TEXT} NOT NULL,
    unit       {TEXT} NOT NULL,
    choices    {TEXT} NOT NULL,  -- of an enum: one a line
    filterable {BOOL} NOT NULL,
    searchable {BOOL} NOT NULL,
    visible    {BOOL} NOT NULL,
    position   {INT} NOT NULL,
    rev        {INT} NOT NULL,
    created_ms {TIME} NOT NULL,
    updated_ms {TIME} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX catalog_attribute_def_by_key ON catalog_attribute_def (scope, key);

CREATE TABLE catalog_attribute_value (
    entity_id {INT} NOT NULL,  -- product, variant, collection or page
    def_id    {INT} NOT NULL REFERENCES catalog_attribute_def ON DELETE CASCADE,
    root_id   {INT} NOT NULL,  -- the product of a variant; else entity_id
    value     {TEXT} NOT NULL, -- JSON
    PRIMARY KEY (entity_id, def_id)
) {KEYED};
CREATE INDEX catalog_attribute_value_by_root ON catalog_attribute_value (root_id);
CREATE INDEX catalog_attribute_value_by_def ON catalog_attribute_value (def_id, value);

-- Texts in other languages. field: "title", "description", "name" …
CREATE TABLE catalog_translation (
    entity_id    {INT} NOT NULL,
    field        {TEXT} NOT NULL,
    locale       {TEXT} NOT NULL,
    root_id      {INT} NOT NULL,   -- the product of an option or picture; else entity_id
    kind         {TEXT} NOT NULL,  -- prefix of the entity's id: 'prd', 'opt' …
    value        {TEXT} NOT NULL,
    value_safe   {TEXT},           -- of HTML; NULL: safe as it is, or not HTML
    html_version {INT} NOT NULL,   -- 0: not HTML
    outdated     {BOOL} NOT NULL,  -- the source changed since
    updated_ms   {TIME} NOT NULL,
    PRIMARY KEY (entity_id, field, locale)
) {KEYED};
CREATE INDEX catalog_translation_by_root ON catalog_translation (root_id, locale);
