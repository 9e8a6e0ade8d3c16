-- Imports of product files: how far each is, and what was wrong in it.
CREATE TABLE catalog_import (
    id           {ID},
    file         {TEXT} NOT NULL,
    hash         {TEXT} NOT NULL,
    format       {TEXT} NOT NULL CHECK (format IN ('auto', 'shopify', 'woocommerce')),
    encoding     {TEXT} NOT NULL,
    currency     {TEXT} NOT NULL,
    fetch_images {BOOL} NOT NULL,
    dry_run      {BOOL} NOT NULL,
    status       {TEXT} NOT NULL CHECK (status IN ('running', 'done', 'failed')),
    bytes        {INT} NOT NULL,
    bytes_done   {INT} NOT NULL,
    line         {INT} NOT NULL,  -- rows up to here are committed
    rows         {INT} NOT NULL,
    created      {INT} NOT NULL,
    updated      {INT} NOT NULL,
    unchanged    {INT} NOT NULL,
    variants     {INT} NOT NULL,
    pictures     {INT} NOT NULL,
    skipped      {INT} NOT NULL,
    issues       {INT} NOT NULL,
    error        {TEXT} NOT NULL,
    created_ms   {TIME} NOT NULL,
    updated_ms   {TIME} NOT NULL
) {STRICT};
CREATE INDEX catalog_import_by_hash ON catalog_import (hash, id);

CREATE TABLE catalog_import_issue (
    import_id   {INT} NOT NULL REFERENCES catalog_import ON DELETE CASCADE,
    number      {INT} NOT NULL,  -- 1, 2, 3 …
    line        {INT} NOT NULL,
    column_name {TEXT} NOT NULL,
    code        {TEXT} NOT NULL,
    detail      {TEXT} NOT NULL,
    PRIMARY KEY (import_id, number)
) {KEYED};

-- Pictures that were taken in: media name them by hash.
CREATE TABLE catalog_file (
    hash       {TEXT} NOT NULL PRIMARY KEY,
    mime       {TEXT} NOT NULL,
    bytes      {INT} NOT NULL,
    width      {INT} NOT NULL,
    height     {INT} NOT NULL,
    colour     {TEXT} NOT NULL,
    created_ms {TIME} NOT NULL
) {KEYED};
CREATE INDEX catalog_file_by_age ON catalog_file (created_ms, hash);
