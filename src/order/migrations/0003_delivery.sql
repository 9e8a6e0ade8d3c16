-- Delivery profiles, zones, methods, rates; fulfilments, parcels, tracking.

-- `body`: the rest of it as JSON, as its shape says.
CREATE TABLE order_delivery_profile (
    id         {ID},
    title      {TEXT} NOT NULL,
    created_ms {TIME} NOT NULL,
    updated_ms {TIME} NOT NULL
) {STRICT};
INSERT INTO order_delivery_profile (id, title, created_ms, updated_ms)
VALUES (1, 'General', 0, 0);

-- Products that are in another profile than the default one.
CREATE TABLE order_delivery_product (
    product_id {ID},
    profile_id {INT} NOT NULL REFERENCES order_delivery_profile ON DELETE CASCADE
) {STRICT};
CREATE INDEX order_delivery_product_by_profile ON order_delivery_product (profile_id);

CREATE TABLE order_delivery_zone (
    id         {ID},
    profile_id {INT} NOT NULL REFERENCES order_delivery_profile ON DELETE CASCADE,
    body       {TEXT} NOT NULL,
    created_ms {TIME} NOT NULL,
    updated_ms {TIME} NOT NULL
) {STRICT};
CREATE INDEX order_delivery_zone_by_profile ON order_delivery_zone (profile_id);

CREATE TABLE order_delivery_method (
    id         {ID},
    zone_id    {INT} NOT NULL REFERENCES order_delivery_zone ON DELETE CASCADE,
    body       {TEXT} NOT NULL,
    created_ms {TIME} NOT NULL,
    updated_ms {TIME} NOT NULL
) {STRICT};
CREATE INDEX order_delivery_method_by_zone ON order_delivery_method (zone_id);

-- Lockers and parcel shops of carriers.
CREATE TABLE order_delivery_point (
    id      {ID},
    carrier {TEXT} NOT NULL,
    code    {TEXT} NOT NULL,
    name    {TEXT} NOT NULL,
    line1   {TEXT} NOT NULL,
    city    {TEXT} NOT NULL,
    postal  {TEXT} NOT NULL,
    country {TEXT} NOT NULL,
    hours   {TEXT} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX order_delivery_point_by_code ON order_delivery_point (carrier, code);

-- day: days since 1970-01-01. country '': the shop's own.
CREATE TABLE order_delivery_holiday (
    day     {INT} NOT NULL,
    country {TEXT} NOT NULL,
    yearly  {BOOL} NOT NULL,
    title   {TEXT} NOT NULL,
    PRIMARY KEY (day, country)
) {KEYED};

-- Orders in a slot of time; `slot` is "2026-11-27T10:00-12:00".
CREATE TABLE order_delivery_slot (
    method_id {INT} NOT NULL,
    slot      {TEXT} NOT NULL,
    booked    {INT} NOT NULL CHECK (booked >= 0),
    PRIMARY KEY (method_id, slot)
) {KEYED};

-- What an order was promised. `watched`: until it has arrived, or is given up.
CREATE TABLE order_promise (
    order_id  {ID},
    method_id {INT} NOT NULL,
    slot      {TEXT} NOT NULL,
    from_day  {INT} NOT NULL,
    to_day    {INT} NOT NULL, -- 0: nothing was promised
    watched   {BOOL} NOT NULL,
    told_ms   {TIME}          -- when the customer was told that it is late
) {STRICT};
CREATE INDEX order_promise_by_day ON order_promise (to_day) WHERE watched AND to_day > 0;

-- Goods of an order that leave together, from one location.
CREATE TABLE order_fulfillment (
    id           {ID},
    order_id     {INT} NOT NULL REFERENCES order_order (id),
    number       {INT} NOT NULL, -- 1, 2, … of the order
    location_id  {INT} NOT NULL,
    status       {TEXT} NOT NULL CHECK (status IN ('draft', 'packed', 'shipped', 'delivered',
        'failed', 'cancelled')),
    note         {TEXT} NOT NULL,
    rev          {INT} NOT NULL,
    created_ms   {TIME} NOT NULL,
    packed_ms    {TIME},
    shipped_ms   {TIME},
    delivered_ms {TIME},
    updated_ms   {TIME} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX order_fulfillment_by_order ON order_fulfillment (order_id, number);
CREATE INDEX order_fulfillment_by_status ON order_fulfillment (status, id);

CREATE TABLE order_fulfillment_line (
    fulfillment_id {INT} NOT NULL REFERENCES order_fulfillment ON DELETE CASCADE,
    line_id        {INT} NOT NULL,
    variant_id     {INT} NOT NULL,
    qty            {INT} NOT NULL CHECK (qty > 0),
    PRIMARY KEY (fulfillment_id, line_id)
) {KEYED};
CREATE INDEX order_fulfillment_line_by_line ON order_fulfillment_line (line_id);

CREATE TABLE order_parcel (
    id             {ID},
    fulfillment_id {INT} NOT NULL REFERENCES order_fulfillment ON DELETE CASCADE,
    order_id       {INT} NOT NULL,
    carrier        {TEXT} NOT NULL, -- a key of the table of carriers, or a name
    service        {TEXT} NOT NULL,
    tracking       {TEXT} NOT NULL,
    tracking_key   {TEXT} NOT NULL, -- for finding: letters and digits, upper case
    url            {TEXT} NOT NULL,
    weight_g       {INT},
    status         {TEXT} NOT NULL CHECK (status IN ('', 'info_received', 'in_transit',
        'out_for_delivery', 'delivery_attempt', 'available_for_pickup', 'delivered', 'exception',
        'returned')),
    status_ms      {TIME},
    created_ms     {TIME} NOT NULL
) {STRICT};
CREATE INDEX order_parcel_by_fulfillment ON order_parcel (fulfillment_id);
CREATE INDEX order_parcel_by_order ON order_parcel (order_id);
CREATE INDEX order_parcel_by_tracking ON order_parcel (tracking_key) WHERE tracking_key <> '';

-- Where a parcel was when. The same again is the same row.
CREATE TABLE order_tracking (
    id        {ID},
    parcel_id {INT} NOT NULL REFERENCES order_parcel ON DELETE CASCADE,
    at_ms     {TIME} NOT NULL,
    code      {TEXT} NOT NULL CHECK (code IN ('info_received', 'in_transit', 'out_for_delivery',
        'delivery_attempt', 'available_for_pickup', 'delivered', 'exception', 'returned')),
    text      {TEXT} NOT NULL,
    place     {TEXT} NOT NULL,
    source    {TEXT} NOT NULL, -- 'staff', 'webhook'
    noted_ms  {TIME} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX order_tracking_once ON order_tracking (parcel_id, at_ms, code, place);
