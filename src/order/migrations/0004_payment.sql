-- One attempt to collect an amount. `due_ms`: when the sweeper looks at it; NULL: never again.
CREATE TABLE order_payment_session (
    id              {ID},
    cart_id         {INT} NOT NULL, -- 0: none
    order_id        {INT} NOT NULL, -- 0: not yet
    provider        {TEXT} NOT NULL,
    flow            {TEXT} NOT NULL CHECK (flow IN ('sync', 'redirect', 'push', 'voucher', 'deferred')),
    status          {TEXT} NOT NULL CHECK (status IN ('created', 'action', 'waiting', 'pending',
        'authorized', 'captured', 'failed', 'cancelled')),
    told            {TEXT} NOT NULL, -- the status that the shop has taken
    test            {BOOL} NOT NULL,
    amount_amount   {INT} NOT NULL CHECK (amount_amount > 0),
    amount_currency {TEXT} NOT NULL,
    later           {BOOL} NOT NULL,
    token           {TEXT} NOT NULL,
    key             {TEXT} NOT NULL, -- idempotency
    ref             {TEXT},          -- the provider's
    charge          {TEXT} NOT NULL, -- the provider's name of the payment in it, where it differs
    reference       {TEXT} NOT NULL, -- what the buyer writes on a transfer
    number          {TEXT} NOT NULL,
    input           {TEXT} NOT NULL,
    next            {TEXT} NOT NULL,
    return_url      {TEXT} NOT NULL,
    base_url        {TEXT} NOT NULL,
    email           {TEXT} NOT NULL,
    country         {TEXT} NOT NULL,
    locale          {TEXT} NOT NULL,
    net             {TEXT} NOT NULL, -- the network of the buyer's address
    account_id      {INT} NOT NULL,
    method_id       {INT} NOT NULL,
    save_method     {BOOL} NOT NULL,
    code            {TEXT} NOT NULL,
    problem         {TEXT} NOT NULL,
    tries           {INT} NOT NULL,
    passed          {BOOL} NOT NULL, -- the challenge
    created_ms      {TIME} NOT NULL,
    updated_ms      {TIME} NOT NULL,
    expires_ms      {TIME} NOT NULL,
    due_ms          {TIME}
) {STRICT};
CREATE UNIQUE INDEX order_payment_session_by_token ON order_payment_session (token);
CREATE UNIQUE INDEX order_payment_session_by_key ON order_payment_session (key);
CREATE UNIQUE INDEX order_payment_session_by_ref ON order_payment_session (provider, ref)
    WHERE ref IS NOT NULL;
CREATE UNIQUE INDEX order_payment_session_by_reference ON order_payment_session (reference)
    WHERE reference <> '';
CREATE INDEX order_payment_session_by_cart ON order_payment_session (cart_id, id);
CREATE INDEX order_payment_session_by_order ON order_payment_session (order_id, id);
CREATE INDEX order_payment_session_by_charge ON order_payment_session (provider, charge)
    WHERE charge <> '';
CREATE INDEX order_payment_session_by_due ON order_payment_session (due_ms) WHERE due_ms IS NOT NULL;

-- What came of a session. Amounts are minor units.
CREATE TABLE order_payment (
    id          {ID},
    session_id  {INT} NOT NULL REFERENCES order_payment_session (id),
    cart_id     {INT} NOT NULL,
    order_id    {INT} NOT NULL,
    provider    {TEXT} NOT NULL,
    test        {BOOL} NOT NULL,
    status      {TEXT} NOT NULL CHECK (status IN ('pending', 'authorized', 'captured', 'failed',
        'cancelled')),
    ref         {TEXT} NOT NULL,
    currency    {TEXT} NOT NULL,
    amount      {INT} NOT NULL CHECK (amount > 0),
    authorized  {INT} NOT NULL CHECK (authorized >= 0),
    captured    {INT} NOT NULL CHECK (captured >= 0),
    refunded    {INT} NOT NULL CHECK (refunded >= 0),
    refunding   {INT} NOT NULL CHECK (refunding >= 0),
    voided      {INT} NOT NULL CHECK (voided >= 0),
    disputed    {INT} NOT NULL CHECK (disputed >= 0),
    method      {TEXT} NOT NULL,
    brand       {TEXT} NOT NULL,
    last4       {TEXT} NOT NULL,
    fingerprint {TEXT} NOT NULL,
    reference   {TEXT} NOT NULL,
    rev         {INT} NOT NULL,
    created_ms  {TIME} NOT NULL,
    updated_ms  {TIME} NOT NULL,
    CONSTRAINT order_payment_refund_fits CHECK (refunded + refunding <= captured)
) {STRICT};
CREATE UNIQUE INDEX order_payment_by_session ON order_payment (session_id);
CREATE INDEX order_payment_by_order ON order_payment (order_id, id);

-- One movement of a payment. `key` makes it one: asked for twice, it happens once.
CREATE TABLE order_payment_txn (
    id              {ID},
    payment_id      {INT} NOT NULL REFERENCES order_payment (id),
    order_id        {INT} NOT NULL,
    kind            {TEXT} NOT NULL CHECK (kind IN ('authorize', 'capture', 'refund', 'void', 'dispute',
        'dispute_won')),
    status          {TEXT} NOT NULL CHECK (status IN ('pending', 'done', 'failed')),
    amount_amount   {INT} NOT NULL CHECK (amount_amount >= 0),
    amount_currency {TEXT} NOT NULL,
    provider        {TEXT} NOT NULL,
    ref             {TEXT},
    reason          {TEXT} NOT NULL,
    problem         {TEXT} NOT NULL,
    actor           {TEXT} NOT NULL,
    key             {TEXT} NOT NULL,
    tries           {INT} NOT NULL,
    created_ms      {TIME} NOT NULL,
    updated_ms      {TIME} NOT NULL,
    due_ms          {TIME}
) {STRICT};
CREATE UNIQUE INDEX order_payment_txn_by_key ON order_payment_txn (key);
CREATE UNIQUE INDEX order_payment_txn_by_ref ON order_payment_txn (provider, kind, ref)
    WHERE ref IS NOT NULL;
CREATE INDEX order_payment_txn_by_payment ON order_payment_txn (payment_id, id);
CREATE INDEX order_payment_txn_by_order ON order_payment_txn (order_id, id);
CREATE INDEX order_payment_txn_by_due ON order_payment_txn (due_ms) WHERE due_ms IS NOT NULL;

-- Webhooks as they came: to do each once, and to look at. Pruned.
CREATE TABLE order_payment_event (
    id          {ID},
    provider    {TEXT} NOT NULL,
    event_id    {TEXT} NOT NULL,
    type        {TEXT} NOT NULL,
    ref         {TEXT} NOT NULL, -- the session or payment it is about
    body        {TEXT} NOT NULL,
    problem     {TEXT} NOT NULL,
    tries       {INT} NOT NULL,
    received_ms {TIME} NOT NULL,
    done_ms     {TIME},
    due_ms      {TIME}
) {STRICT};
CREATE UNIQUE INDEX order_payment_event_by_event ON order_payment_event (provider, event_id);
CREATE INDEX order_payment_event_by_due ON order_payment_event (due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX order_payment_event_by_ref ON order_payment_event (ref, id);

-- Who a customer is to a provider, and what they let it keep.
CREATE TABLE order_payment_customer (
    account_id {INT} NOT NULL,
    provider   {TEXT} NOT NULL,
    ref        {TEXT} NOT NULL,
    PRIMARY KEY (account_id, provider)
) {KEYED};
CREATE TABLE order_payment_method (
    id         {ID},
    account_id {INT} NOT NULL,
    provider   {TEXT} NOT NULL,
    ref        {TEXT} NOT NULL,
    brand      {TEXT} NOT NULL,
    last4      {TEXT} NOT NULL,
    exp_month  {INT} NOT NULL,
    exp_year   {INT} NOT NULL,
    created_ms {TIME} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX order_payment_method_by_ref ON order_payment_method (provider, ref);
CREATE INDEX order_payment_method_by_account ON order_payment_method (account_id, id);

-- Failures by network, cart and card, against those who try stolen cards.
CREATE TABLE order_payment_throttle (
    key      {TEXT} NOT NULL PRIMARY KEY,
    failures {INT} NOT NULL,
    seen_ms  {TIME} NOT NULL
) {KEYED};
CREATE INDEX order_payment_throttle_by_seen ON order_payment_throttle (seen_ms);

-- Money on the shop's bank account.
CREATE TABLE order_bank_receipt (
    id              {ID},
    bank_ref        {TEXT} NOT NULL,
    amount_amount   {INT} NOT NULL CHECK (amount_amount > 0),
    amount_currency {TEXT} NOT NULL,
    text            {TEXT} NOT NULL,
    payer           {TEXT} NOT NULL,
    received_ms     {TIME} NOT NULL,
    payment_id      {INT},
    order_id        {INT},
    created_ms      {TIME} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX order_bank_receipt_by_ref ON order_bank_receipt (bank_ref);
CREATE INDEX order_bank_receipt_by_payment ON order_bank_receipt (payment_id);
CREATE INDEX order_bank_receipt_open ON order_bank_receipt (id) WHERE payment_id IS NULL;

-- The other side of the test provider: what a real one would know.
CREATE TABLE order_payment_test (
    ref        {TEXT} NOT NULL PRIMARY KEY,
    session_id {INT} NOT NULL,
    scenario   {TEXT} NOT NULL,
    state      {TEXT} NOT NULL CHECK (state IN ('open', 'authorized', 'captured', 'failed', 'cancelled')),
    amount     {INT} NOT NULL,
    captured   {INT} NOT NULL,
    refunded   {INT} NOT NULL,
    refunds    {TEXT} NOT NULL, -- ids of refunds that were made, each followed by a blank
    created_ms {TIME} NOT NULL
) {KEYED};
CREATE INDEX order_payment_test_by_created ON order_payment_test (created_ms);
