-- What is sold. Texts are '' where there is none; *_key columns are folded (text_fold).
CREATE TABLE catalog_product (
    id               {ID},
    handle           {TEXT} NOT NULL,
    status           {TEXT} NOT NULL CHECK (status IN ('draft', 'active', 'archived')),
    kind             {TEXT} NOT NULL
        CHECK (kind IN ('physical', 'digital', 'service', 'gift_card', 'bundle')),
    title            {TEXT} NOT NULL,
    title_key        {TEXT} NOT NULL,
    description      {TEXT} NOT NULL,  -- HTML as written
    description_safe {TEXT},           -- made safe by html_version; NULL: safe as it is
    html_version     {INT} NOT NULL,
    vendor           {TEXT} NOT NULL,
    vendor_key       {TEXT} NOT NULL,
    type             {TEXT} NOT NULL,
    type_key         {TEXT} NOT NULL,
    tags             {TEXT} NOT NULL,  -- one a line, in the merchant's order
    category         {TEXT} NOT NULL,
    tax_class        {TEXT} NOT NULL,
    seo_title        {TEXT} NOT NULL,
    seo_description  {TEXT} NOT NULL,
    template_suffix  {TEXT} NOT NULL,
    variant_count    {INT} NOT NULL CHECK (variant_count BETWEEN 1 AND 10000),
    value_count      {INT} NOT NULL,   -- highest catalog_option_value.number ever given
    rev              {INT} NOT NULL,
    created_ms       {TIME} NOT NULL,
    updated_ms       {TIME} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX catalog_product_by_handle ON catalog_product (handle);
CREATE INDEX catalog_product_by_title ON catalog_product (title_key, id);
CREATE INDEX catalog_product_by_updated ON catalog_product (updated_ms, id);
CREATE INDEX catalog_product_by_status ON catalog_product (status, id);
CREATE INDEX catalog_product_by_vendor ON catalog_product (vendor_key, id);
CREATE INDEX catalog_product_by_type ON catalog_product (type_key, id);

-- catalog_product.tags again, for finding.
CREATE TABLE catalog_product_tag (
    tag_key    {TEXT} NOT NULL,
    product_id {INT} NOT NULL REFERENCES catalog_product ON DELETE CASCADE,
    tag        {TEXT} NOT NULL,
    PRIMARY KEY (tag_key, product_id)
) {KEYED};
CREATE INDEX catalog_product_tag_by_product ON catalog_product_tag (product_id);

CREATE TABLE catalog_option (
    id         {ID},
    product_id {INT} NOT NULL REFERENCES catalog_product ON DELETE CASCADE,
    position   {INT} NOT NULL,
    name       {TEXT} NOT NULL
) {STRICT};
CREATE INDEX catalog_option_by_product ON catalog_option (product_id, position);

CREATE TABLE catalog_option_value (
    id         {ID},
    product_id {INT} NOT NULL REFERENCES catalog_product ON DELETE CASCADE,
    option_id  {INT} NOT NULL REFERENCES catalog_option ON DELETE CASCADE,
    position   {INT} NOT NULL,
    number     {INT} NOT NULL,
    name       {TEXT} NOT NULL,
    swatch     {TEXT} NOT NULL
) {STRICT};
CREATE INDEX catalog_option_value_by_product ON catalog_option_value (product_id, position);
CREATE INDEX catalog_option_value_by_option ON catalog_option_value (option_id);
CREATE UNIQUE INDEX catalog_option_value_by_number ON catalog_option_value (product_id, number);

-- What is in the basket. option_key: the numbers of its option values, ascending, "1.4.9".
CREATE TABLE catalog_variant (
    id                {ID},
    product_id        {INT} NOT NULL REFERENCES catalog_product ON DELETE CASCADE,
    position          {INT} NOT NULL,
    option_key        {TEXT} NOT NULL,
    sku               {TEXT} NOT NULL,  -- not unique: old shops have doubles
    barcode           {TEXT} NOT NULL,
    mpn               {TEXT} NOT NULL,
    cost_amount       {INT} NOT NULL,   -- minor units; cost_currency '': not known
    cost_currency     {TEXT} NOT NULL,
    weight_g          {INT},
    weight_unit       {TEXT} NOT NULL CHECK (weight_unit IN ('g', 'kg', 'oz', 'lb')),
    length_mm         {INT},
    width_mm          {INT},
    height_mm         {INT},
    hs_code           {TEXT} NOT NULL,
    origin            {TEXT} NOT NULL,
    requires_shipping {BOOL} NOT NULL,
    taxable           {BOOL} NOT NULL,
    tax_code          {TEXT} NOT NULL,
    measure_value     {REAL},           -- NULL: no unit price
    measure_unit      {TEXT} NOT NULL,
    measure_base      {REAL},
    measure_base_unit {TEXT} NOT NULL,
    tracked           {BOOL} NOT NULL,
    policy            {TEXT} NOT NULL CHECK (policy IN ('deny', 'continue', 'preorder')),
    quantity          {INT} NOT NULL,
    fulfilment        {TEXT} NOT NULL,
    min_qty           {INT} NOT NULL CHECK (min_qty >= 1),
    max_qty           {INT},
    step_qty          {INT} NOT NULL CHECK (step_qty >= 1),
    media_id          {INT},
    created_ms        {TIME} NOT NULL,
    updated_ms        {TIME} NOT NULL
) {STRICT};
CREATE INDEX catalog_variant_by_product ON catalog_variant (product_id, position);
CREATE UNIQUE INDEX catalog_variant_by_options ON catalog_variant (product_id, option_key);
CREATE INDEX catalog_variant_by_sku ON catalog_variant (sku, id) WHERE sku <> '';
CREATE INDEX catalog_variant_by_barcode ON catalog_variant (barcode, id) WHERE barcode <> '';

-- Pictures, videos and 3D models of a product, a collection or an article (owner_id).
CREATE TABLE catalog_media (
    id         {ID},
    owner_id   {INT} NOT NULL,
    position   {INT} NOT NULL,
    kind       {TEXT} NOT NULL CHECK (kind IN ('image', 'video', 'model3d')),
    url        {TEXT} NOT NULL,
    hash       {TEXT} NOT NULL,
    mime       {TEXT} NOT NULL,
    alt        {TEXT} NOT NULL,
    width      {INT},
    height     {INT},
    colour     {TEXT} NOT NULL,
    poster     {TEXT} NOT NULL,
    created_ms {TIME} NOT NULL
) {STRICT};
CREATE INDEX catalog_media_by_owner ON catalog_media (owner_id, position);
CREATE INDEX catalog_media_by_hash ON catalog_media (hash) WHERE hash <> '';

-- Where and when a product or collection is shown.
CREATE TABLE catalog_publication (
    entity_id    {INT} NOT NULL,
    channel      {TEXT} NOT NULL,
    published_ms {TIME} NOT NULL,
    unpublish_ms {TIME},
    PRIMARY KEY (entity_id, channel)
) {KEYED};
CREATE INDEX catalog_publication_by_channel ON catalog_publication (channel, entity_id);
