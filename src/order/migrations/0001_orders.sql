-- Carts and orders.

-- A cart is read and written whole: what is in it is one JSON document. `order_id`: its draft
-- order while it is being paid, then the order; 0: none.
CREATE TABLE order_cart (
    id          {ID},
    token       {TEXT} NOT NULL,
    rev         {INT} NOT NULL,
    status      {TEXT} NOT NULL CHECK (status IN ('open', 'completing', 'completed', 'abandoned')),
    channel     {TEXT} NOT NULL,
    account_id  {INT} NOT NULL, -- 0: guest
    email       {TEXT} NOT NULL,
    name        {TEXT} NOT NULL, -- of a saved cart
    currency    {TEXT} NOT NULL,
    body        {TEXT} NOT NULL,
    qty         {INT} NOT NULL CHECK (qty >= 0),
    total       {INT} NOT NULL CHECK (total >= 0),
    order_id    {INT} NOT NULL,
    locked_ms   {TIME},
    created_ms  {TIME} NOT NULL,
    updated_ms  {TIME} NOT NULL,
    expires_ms  {TIME} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX order_cart_by_token ON order_cart (token);
CREATE INDEX order_cart_by_account ON order_cart (account_id, id) WHERE account_id <> 0;
CREATE INDEX order_cart_by_lock ON order_cart (locked_ms) WHERE locked_ms IS NOT NULL;
CREATE INDEX order_cart_by_expiry ON order_cart (expires_ms);

-- Gap-free numbers.
CREATE TABLE order_counter (
    name  {TEXT} NOT NULL PRIMARY KEY,
    value {INT} NOT NULL
) {KEYED};
INSERT INTO order_counter (name, value) VALUES ('order', 1000);

-- An order is a copy of the cart, never a view of it. Amounts are minor units of `currency`.
-- The three statuses behind `hold` are derived: order_derive() writes them.
CREATE TABLE order_order (
    id                 {ID},
    number             {TEXT} NOT NULL, -- '' until it is placed
    cart_id            {INT} NOT NULL,  -- 0: none
    cart_rev           {INT} NOT NULL,  -- a draft is of this state of the cart
    token              {TEXT} NOT NULL, -- opens the order to its guest
    channel            {TEXT} NOT NULL,
    account_id         {INT} NOT NULL, -- 0: guest
    email              {TEXT} NOT NULL,
    email_key          {TEXT} NOT NULL, -- folded
    phone              {TEXT} NOT NULL,
    name               {TEXT} NOT NULL, -- who gets it
    country            {TEXT} NOT NULL, -- where it goes
    locale             {TEXT} NOT NULL,
    currency           {TEXT} NOT NULL,
    status             {TEXT} NOT NULL CHECK (status IN ('draft', 'placed', 'closed', 'archived',
        'cancelled', 'expired')),
    hold               {TEXT} NOT NULL CHECK (hold IN ('none', 'review', 'backorder', 'payment_due',
        'manual')),
    payment_status     {TEXT} NOT NULL CHECK (payment_status IN ('none', 'pending', 'authorized',
        'partially_authorized', 'partially_paid', 'paid', 'overpaid', 'partially_refunded',
        'refunded', 'voided', 'disputed')),
    fulfillment_status {TEXT} NOT NULL CHECK (fulfillment_status IN ('unfulfilled', 'partial',
        'fulfilled', 'partially_shipped', 'shipped', 'partially_delivered', 'delivered',
        'not_needed')),
    return_status      {TEXT} NOT NULL CHECK (return_status IN ('none', 'requested', 'in_progress',
        'partially_returned', 'returned')),
    prices_include_tax {BOOL} NOT NULL,
    subtotal           {INT} NOT NULL CHECK (subtotal >= 0),
    discount           {INT} NOT NULL CHECK (discount <= 0),
    items              {INT} NOT NULL CHECK (items >= 0),
    delivery           {INT} NOT NULL CHECK (delivery >= 0),
    fees               {INT} NOT NULL CHECK (fees >= 0),
    tax_added          {INT} NOT NULL CHECK (tax_added >= 0),
    tax_included       {INT} NOT NULL CHECK (tax_included >= 0),
    total              {INT} NOT NULL,
    placed_total       {INT} NOT NULL,
    captured           {INT} NOT NULL,
    refunded           {INT} NOT NULL,
    qty                {INT} NOT NULL,
    body               {TEXT} NOT NULL, -- addresses, notes, consent, delivery as chosen
    events             {INT} NOT NULL,  -- how many of the timeline there are
    rev                {INT} NOT NULL,
    created_ms         {TIME} NOT NULL,
    placed_ms          {TIME},
    cancelled_ms       {TIME},
    updated_ms         {TIME} NOT NULL,
    CONSTRAINT order_order_adds_up CHECK (total = items + delivery + fees + tax_added)
) {STRICT};
CREATE UNIQUE INDEX order_order_by_number ON order_order (number) WHERE number <> '';
CREATE UNIQUE INDEX order_order_by_token ON order_order (token);
-- One order for a cart, whatever happens.
CREATE UNIQUE INDEX order_order_by_cart ON order_order (cart_id)
    WHERE cart_id <> 0 AND number <> '';
CREATE INDEX order_order_by_account ON order_order (account_id, id) WHERE account_id <> 0;
CREATE INDEX order_order_by_email ON order_order (email_key, id);
CREATE INDEX order_order_by_status ON order_order (status, id);
CREATE INDEX order_order_by_payment ON order_order (payment_status, id) WHERE number <> '';
CREATE INDEX order_order_by_fulfillment ON order_order (fulfillment_status, id) WHERE number <> '';
CREATE INDEX order_order_by_hold ON order_order (hold, id) WHERE hold <> 'none';

-- What was bought. The counters begin at 0; `gross` and what follows is of qty - cancelled
-- pieces, `placed_…` of all.
CREATE TABLE order_line (
    id                {ID},
    order_id          {INT} NOT NULL REFERENCES order_order (id),
    position          {INT} NOT NULL,
    variant_id        {INT} NOT NULL,
    product_id        {INT} NOT NULL,
    sku               {TEXT} NOT NULL,
    title             {TEXT} NOT NULL,
    variant_title     {TEXT} NOT NULL,
    handle            {TEXT} NOT NULL,
    image             {TEXT} NOT NULL,
    vendor            {TEXT} NOT NULL,
    tax_class         {TEXT} NOT NULL,
    requires_shipping {BOOL} NOT NULL,
    taxable           {BOOL} NOT NULL,
    weight_g          {INT} NOT NULL,
    properties        {TEXT} NOT NULL, -- JSON
    gift_of           {INT} NOT NULL,  -- promotion; 0: bought
    unit_price        {INT} NOT NULL CHECK (unit_price >= 0),
    compare_at        {INT} NOT NULL,
    placed_discount   {INT} NOT NULL CHECK (placed_discount <= 0),
    placed_total      {INT} NOT NULL CHECK (placed_total >= 0),
    placed_tax        {INT} NOT NULL CHECK (placed_tax >= 0),
    gross             {INT} NOT NULL CHECK (gross >= 0),
    discount          {INT} NOT NULL CHECK (discount <= 0), -- with relief of tax
    tax_added         {INT} NOT NULL CHECK (tax_added >= 0),
    tax_included      {INT} NOT NULL CHECK (tax_included >= 0),
    total             {INT} NOT NULL CHECK (total >= 0),
    qty               {INT} NOT NULL CHECK (qty > 0),
    cancelled         {INT} NOT NULL CHECK (cancelled >= 0),
    fulfilled         {INT} NOT NULL CHECK (fulfilled >= 0),
    shipped           {INT} NOT NULL CHECK (shipped >= 0),
    delivered         {INT} NOT NULL CHECK (delivered >= 0),
    return_requested  {INT} NOT NULL CHECK (return_requested >= 0),
    returned          {INT} NOT NULL CHECK (returned >= 0),
    written_off       {INT} NOT NULL CHECK (written_off >= 0),
    CONSTRAINT order_line_adds_up CHECK (total = gross + discount),
    CONSTRAINT order_line_enough CHECK (fulfilled <= qty - cancelled AND shipped <= fulfilled
        AND delivered <= shipped AND returned <= delivered)
) {STRICT};
CREATE INDEX order_line_by_order ON order_line (order_id, position);
CREATE INDEX order_line_by_variant ON order_line (variant_id, id);

-- What delivery and fees cost.
CREATE TABLE order_charge (
    order_id     {INT} NOT NULL REFERENCES order_order (id),
    position     {INT} NOT NULL,
    kind         {TEXT} NOT NULL, -- 'delivery', or that of the fee
    method_id    {INT} NOT NULL,  -- 0: a fee
    title        {TEXT} NOT NULL,
    amount       {INT} NOT NULL CHECK (amount >= 0),
    discount     {INT} NOT NULL CHECK (discount <= 0), -- with relief of tax
    tax_added    {INT} NOT NULL CHECK (tax_added >= 0),
    tax_included {INT} NOT NULL CHECK (tax_included >= 0),
    total        {INT} NOT NULL CHECK (total >= 0),
    PRIMARY KEY (order_id, position),
    CONSTRAINT order_charge_adds_up CHECK (total = amount + discount)
) {KEYED};

-- One row for each promotion and what it reduces: a line (id), or a charge (position).
CREATE TABLE order_discount (
    order_id     {INT} NOT NULL REFERENCES order_order (id),
    position     {INT} NOT NULL,
    line_id      {INT} NOT NULL, -- 0: a charge
    charge       {INT} NOT NULL, -- its position; -1: a line
    promotion_id {INT} NOT NULL,
    code         {TEXT} NOT NULL,
    title        {TEXT} NOT NULL,
    amount       {INT} NOT NULL CHECK (amount <= 0),
    placed       {INT} NOT NULL, -- as it was placed
    PRIMARY KEY (order_id, position)
) {KEYED};
CREATE INDEX order_discount_by_promotion ON order_discount (promotion_id, order_id);

-- One row for each tax on a line or a charge.
CREATE TABLE order_tax (
    order_id {INT} NOT NULL REFERENCES order_order (id),
    position {INT} NOT NULL,
    line_id  {INT} NOT NULL, -- 0: a charge
    charge   {INT} NOT NULL, -- its position; -1: a line
    rate_id  {INT} NOT NULL, -- 0: from a provider
    name     {TEXT} NOT NULL,
    rate_ppm {INT} NOT NULL,
    base     {INT} NOT NULL,
    amount   {INT} NOT NULL CHECK (amount >= 0),
    included {BOOL} NOT NULL,
    placed   {INT} NOT NULL, -- amount and base as they were placed
    placed_base {INT} NOT NULL,
    PRIMARY KEY (order_id, position)
) {KEYED};

-- The timeline: append-only, seq without gaps.
CREATE TABLE order_event (
    order_id {INT} NOT NULL REFERENCES order_order (id),
    seq      {INT} NOT NULL,
    type     {TEXT} NOT NULL,
    actor    {TEXT} NOT NULL, -- 'customer', 'staff', 'api_key', 'system'
    name     {TEXT} NOT NULL, -- of the member of staff or key
    public   {BOOL} NOT NULL, -- the buyer sees it
    text     {TEXT} NOT NULL, -- a note, a reason
    data     {TEXT} NOT NULL, -- JSON
    at_ms    {TIME} NOT NULL,
    PRIMARY KEY (order_id, seq)
) {KEYED};

CREATE TABLE order_tag (
    order_id {INT} NOT NULL REFERENCES order_order (id),
    tag      {TEXT} NOT NULL,
    PRIMARY KEY (order_id, tag)
) {KEYED};
CREATE INDEX order_tag_by_tag ON order_tag (tag, order_id);

-- What was changed of a placed order, or cancelled. `difference`: what its total grew by.
CREATE TABLE order_change (
    id         {ID},
    order_id   {INT} NOT NULL REFERENCES order_order (id),
    key        {TEXT} NOT NULL, -- idempotency
    kind       {TEXT} NOT NULL CHECK (kind IN ('edit', 'cancel')),
    actions    {TEXT} NOT NULL, -- JSON
    reason     {TEXT} NOT NULL,
    actor      {TEXT} NOT NULL,
    difference {INT} NOT NULL,
    refund     {INT} NOT NULL CHECK (refund >= 0),
    at_ms      {TIME} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX order_change_by_key ON order_change (order_id, key);
