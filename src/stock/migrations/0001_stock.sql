-- Where goods are. Texts are '' where there is none.
CREATE TABLE stock_location (
    id         {ID},
    name       {TEXT} NOT NULL,
    kind       {TEXT} NOT NULL CHECK (kind IN ('warehouse', 'shop')),
    active     {BOOL} NOT NULL,
    online     {BOOL} NOT NULL,  -- its stock is sold in the online shop
    pickup     {BOOL} NOT NULL,
    priority   {INT} NOT NULL,
    address1   {TEXT} NOT NULL,
    address2   {TEXT} NOT NULL,
    city       {TEXT} NOT NULL,
    zone       {TEXT} NOT NULL,
    postal     {TEXT} NOT NULL,
    phone      {TEXT} NOT NULL,
    country    {TEXT} NOT NULL,
    time_zone  {TEXT} NOT NULL,
    latitude   {REAL},
    longitude  {REAL},
    created_ms {TIME} NOT NULL,
    updated_ms {TIME} NOT NULL
) {STRICT};
INSERT INTO stock_location (id, name, kind, active, online, pickup, priority, address1, address2,
                            city, zone, postal, phone, country, time_zone, created_ms, updated_ms)
VALUES (1, 'Warehouse', 'warehouse', TRUE, TRUE, FALSE, 1, '', '', '', '', '', '', '', '', 0, 0);

-- A variant at a location. No reference to the variant: goods stay when a product is deleted.
CREATE TABLE stock_level (
    variant_id  {INT} NOT NULL,
    location_id {INT} NOT NULL REFERENCES stock_location,
    on_hand     {INT} NOT NULL CONSTRAINT stock_level_on_hand CHECK (on_hand >= 0),
    allocated   {INT} NOT NULL CONSTRAINT stock_level_allocated CHECK (allocated >= 0),
    reserved    {INT} NOT NULL CONSTRAINT stock_level_reserved CHECK (reserved >= 0),
    safety      {INT} NOT NULL CHECK (safety >= 0),
    changed_ms  {TIME} NOT NULL,
    PRIMARY KEY (variant_id, location_id)
) {KEYED};
CREATE INDEX stock_level_by_location ON stock_level (location_id, variant_id);

-- What is said of a variant's stock wherever it is; no row: nothing is.
CREATE TABLE stock_item (
    variant_id   {ID},
    low_at       {INT} CHECK (low_at >= 0),        -- NULL: as the setting says
    oversell_max {INT} CHECK (oversell_max >= 0),  -- NULL: any number, if the policy allows it
    expected_ms  {TIME},                           -- when more comes
    changed_ms   {TIME} NOT NULL
) {STRICT};

-- Every change of a level, for ever. on_hand and allocated are differences.
CREATE TABLE stock_movement (
    id          {ID},
    variant_id  {INT} NOT NULL,
    location_id {INT} NOT NULL,
    kind        {TEXT} NOT NULL CHECK (kind IN ('received', 'adjusted', 'counted', 'transfer_out',
        'transfer_in', 'allocated', 'released', 'shipped', 'returned', 'damaged')),
    on_hand     {INT} NOT NULL,
    allocated   {INT} NOT NULL,
    order_id    {INT},
    line_id     {INT},
    document_id {INT},            -- transfer or count
    reason      {TEXT} NOT NULL,
    actor_kind  {INT} NOT NULL,
    actor_id    {INT} NOT NULL,
    at_ms       {TIME} NOT NULL
) {STRICT};
CREATE INDEX stock_movement_by_variant ON stock_movement (variant_id, id);
CREATE INDEX stock_movement_by_order ON stock_movement (order_id, line_id, id)
    WHERE order_id IS NOT NULL;
-- Held for a cart.
CREATE TABLE stock_reservation (
    owner_id    {INT} NOT NULL,
    variant_id  {INT} NOT NULL,
    location_id {INT} NOT NULL,
    qty         {INT} NOT NULL CHECK (qty > 0),
    expires_ms  {TIME} NOT NULL,
    PRIMARY KEY (owner_id, variant_id, location_id)
) {KEYED};
CREATE INDEX stock_reservation_by_end ON stock_reservation (expires_ms);

-- From one location to another.
CREATE TABLE stock_transfer (
    id          {ID},
    from_id     {INT} NOT NULL REFERENCES stock_location,
    to_id       {INT} NOT NULL REFERENCES stock_location,
    status      {TEXT} NOT NULL CHECK (status IN ('draft', 'in_transit', 'received', 'cancelled')),
    note        {TEXT} NOT NULL,
    expected_ms {TIME},
    sent_ms     {TIME},
    done_ms     {TIME},
    created_ms  {TIME} NOT NULL,
    updated_ms  {TIME} NOT NULL
) {STRICT};
CREATE INDEX stock_transfer_by_from ON stock_transfer (from_id);
CREATE INDEX stock_transfer_by_to ON stock_transfer (to_id);
CREATE INDEX stock_transfer_by_status ON stock_transfer (status, id);

CREATE TABLE stock_transfer_line (
    transfer_id {INT} NOT NULL REFERENCES stock_transfer ON DELETE CASCADE,
    variant_id  {INT} NOT NULL,
    qty         {INT} NOT NULL CHECK (qty > 0),
    received    {INT} NOT NULL CHECK (received >= 0),
    lost        {INT} NOT NULL CHECK (lost >= 0),  -- did not arrive, or broken
    PRIMARY KEY (transfer_id, variant_id)
) {KEYED};

-- Somebody counted what is on the shelf.
CREATE TABLE stock_count (
    id          {ID},
    location_id {INT} NOT NULL REFERENCES stock_location,
    status      {TEXT} NOT NULL CHECK (status IN ('open', 'posted', 'cancelled')),
    note        {TEXT} NOT NULL,
    posted_ms   {TIME},
    created_ms  {TIME} NOT NULL,
    updated_ms  {TIME} NOT NULL
) {STRICT};
CREATE INDEX stock_count_by_location ON stock_count (location_id);
CREATE INDEX stock_count_by_status ON stock_count (status, id);

CREATE TABLE stock_count_line (
    count_id   {INT} NOT NULL REFERENCES stock_count ON DELETE CASCADE,
    variant_id {INT} NOT NULL,
    counted    {INT} NOT NULL CHECK (counted >= 0),
    expected   {INT} NOT NULL,  -- on_hand when it was counted: what is sold later does not matter
    counted_ms {TIME} NOT NULL,
    PRIMARY KEY (count_id, variant_id)
) {KEYED};

-- What the catalogue said so far. Ids of movements are those of the variants: both come from one
-- well and never meet.
INSERT INTO stock_level (variant_id, location_id, on_hand, allocated, reserved, safety, changed_ms)
SELECT id, 1, quantity, 0, 0, 0, updated_ms FROM catalog_variant WHERE tracked AND quantity > 0;
INSERT INTO stock_movement (id, variant_id, location_id, kind, on_hand, allocated, reason,
                            actor_kind, actor_id, at_ms)
SELECT id, id, 1, 'counted', quantity, 0, 'catalogue', 4, 0, updated_ms
FROM catalog_variant WHERE tracked AND quantity > 0;
