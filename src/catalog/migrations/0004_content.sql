-- What a shop says besides its products.
CREATE TABLE catalog_page (
    id              {ID},
    handle          {TEXT} NOT NULL,
    title           {TEXT} NOT NULL,
    title_key       {TEXT} NOT NULL,
    body            {TEXT} NOT NULL,
    body_safe       {TEXT},
    html_version    {INT} NOT NULL,
    author          {TEXT} NOT NULL,
    seo_title       {TEXT} NOT NULL,
    seo_description {TEXT} NOT NULL,
    template_suffix {TEXT} NOT NULL,
    published_ms    {TIME},  -- NULL: hidden
    unpublish_ms    {TIME},
    rev             {INT} NOT NULL,
    created_ms      {TIME} NOT NULL,
    updated_ms      {TIME} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX catalog_page_by_handle ON catalog_page (handle);
CREATE INDEX catalog_page_by_title ON catalog_page (title_key, id);

CREATE TABLE catalog_blog (
    id              {ID},
    handle          {TEXT} NOT NULL,
    title           {TEXT} NOT NULL,
    seo_title       {TEXT} NOT NULL,
    seo_description {TEXT} NOT NULL,
    template_suffix {TEXT} NOT NULL,
    rev             {INT} NOT NULL,
    created_ms      {TIME} NOT NULL,
    updated_ms      {TIME} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX catalog_blog_by_handle ON catalog_blog (handle);

CREATE TABLE catalog_article (
    id              {ID},
    blog_id         {INT} NOT NULL REFERENCES catalog_blog ON DELETE CASCADE,
    handle          {TEXT} NOT NULL,
    title           {TEXT} NOT NULL,
    title_key       {TEXT} NOT NULL,
    author          {TEXT} NOT NULL,
    excerpt         {TEXT} NOT NULL,
    body            {TEXT} NOT NULL,
    body_safe       {TEXT},
    html_version    {INT} NOT NULL,
    tags            {TEXT} NOT NULL,
    seo_title       {TEXT} NOT NULL,
    seo_description {TEXT} NOT NULL,
    template_suffix {TEXT} NOT NULL,
    published_ms    {TIME},
    unpublish_ms    {TIME},
    rev             {INT} NOT NULL,
    created_ms      {TIME} NOT NULL,
    updated_ms      {TIME} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX catalog_article_by_handle ON catalog_article (blog_id, handle);
CREATE INDEX catalog_article_by_title ON catalog_article (title_key, id);

CREATE TABLE catalog_menu (
    id         {ID},
    handle     {TEXT} NOT NULL,
    title      {TEXT} NOT NULL,
    rev        {INT} NOT NULL,
    created_ms {TIME} NOT NULL,
    updated_ms {TIME} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX catalog_menu_by_handle ON catalog_menu (handle);

-- parent_id 0: at the top. Either target_id (of `kind`) or url.
CREATE TABLE catalog_menu_item (
    id        {ID},
    menu_id   {INT} NOT NULL REFERENCES catalog_menu ON DELETE CASCADE,
    parent_id {INT} NOT NULL,
    position  {INT} NOT NULL,
    title     {TEXT} NOT NULL,
    kind      {TEXT} NOT NULL
        CHECK (kind IN ('product', 'collection', 'page', 'blog', 'article', 'policy', 'url')),
    target_id {INT} NOT NULL,
    url       {TEXT} NOT NULL
) {STRICT};
CREATE INDEX catalog_menu_item_by_menu ON catalog_menu_item (menu_id, position);
CREATE INDEX catalog_menu_item_by_target ON catalog_menu_item (target_id) WHERE target_id <> 0;

-- Legal texts; every version is kept: an order says which one its buyer agreed to.
CREATE TABLE catalog_policy (
    id           {ID},
    kind         {TEXT} NOT NULL,
    version      {INT} NOT NULL,
    title        {TEXT} NOT NULL,
    body         {TEXT} NOT NULL,
    body_safe    {TEXT},
    html_version {INT} NOT NULL,
    created_ms   {TIME} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX catalog_policy_by_version ON catalog_policy (kind, version);

-- Paths that moved. A target is never itself a path here.
CREATE TABLE catalog_redirect (
    id         {ID},
    path       {TEXT} NOT NULL,
    target     {TEXT} NOT NULL,
    automatic  {BOOL} NOT NULL,  -- made because a handle changed
    created_ms {TIME} NOT NULL,
    CHECK (path <> target)
) {STRICT};
CREATE UNIQUE INDEX catalog_redirect_by_path ON catalog_redirect (path);
CREATE INDEX catalog_redirect_by_target ON catalog_redirect (target);
