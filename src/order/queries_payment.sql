-- Statements about money. How to read and write this file: docs/sql.md.

-- --- sessions ---

-- @query payment_session_add exec
-- @from OrderPaymentSession
-- @in id id, cart_id int, order_id int, provider text, flow enum:payment_flow_names
-- @in status enum:payment_status_names, told enum:payment_status_names, test bool, amount money
-- @in later bool, token text, key text, ref text?, charge text, reference text, number text
-- @in input text, next text, return_url text, base_url text, email text, country text
-- @in locale text, net text, account_id int, method_id int, save_method bool, code text
-- @in problem text, tries int, passed bool, created_ms time, updated_ms time, expires_ms time
-- @in due_ms time?
INSERT INTO order_payment_session (id, cart_id, order_id, provider, flow, status, told, test,
    amount_amount, amount_currency, later, token, key, ref, charge, reference, number, input, next,
    return_url, base_url, email, country, locale, net, account_id, method_id, save_method, code,
    problem, tries, passed, created_ms, updated_ms, expires_ms, due_ms)
VALUES (:id, :cart_id, :order_id, :provider, :flow, :status, :told, :test, :amount_amount,
    :amount_currency, :later, :token, :key, :ref, :charge, :reference, :number, :input, :next,
    :return_url, :base_url, :email, :country, :locale, :net, :account_id, :method_id, :save_method,
    :code, :problem, :tries, :passed, :created_ms, :updated_ms, :expires_ms, :due_ms)
ON CONFLICT (key) DO NOTHING;

-- @query payment_session_get one OrderPaymentSession
-- @missing payment.no_session
-- @in id id
-- @out id id, cart_id int, order_id int, provider text, flow enum:payment_flow_names
-- @out status enum:payment_status_names, told enum:payment_status_names, test bool, amount money
-- @out later bool, token text, key text, ref text?, charge text, reference text, number text
-- @out input text, next text, return_url text, base_url text, email text, country text
-- @out locale text, net text, account_id int, method_id int, save_method bool, code text
-- @out problem text, tries int, passed bool, created_ms time, updated_ms time, expires_ms time
-- @out due_ms time?
SELECT id, cart_id, order_id, provider, flow, status, told, test, amount_amount, amount_currency,
    later, token, key, ref, charge, reference, number, input, next, return_url, base_url, email,
    country, locale, net, account_id, method_id, save_method, code, problem, tries, passed,
    created_ms, updated_ms, expires_ms, due_ms
FROM order_payment_session WHERE id = :id;

-- @query payment_session_by_key maybe OrderPaymentSession
-- @in key text
-- @out id id, cart_id int, order_id int, provider text, flow enum:payment_flow_names
-- @out status enum:payment_status_names, told enum:payment_status_names, test bool, amount money
-- @out later bool, token text, key text, ref text?, charge text, reference text, number text
-- @out input text, next text, return_url text, base_url text, email text, country text
-- @out locale text, net text, account_id int, method_id int, save_method bool, code text
-- @out problem text, tries int, passed bool, created_ms time, updated_ms time, expires_ms time
-- @out due_ms time?
SELECT id, cart_id, order_id, provider, flow, status, told, test, amount_amount, amount_currency,
    later, token, key, ref, charge, reference, number, input, next, return_url, base_url, email,
    country, locale, net, account_id, method_id, save_method, code, problem, tries, passed,
    created_ms, updated_ms, expires_ms, due_ms
FROM order_payment_session WHERE key = :key;

-- @query payment_session_by_token one OrderPaymentSession
-- @missing payment.no_session
-- @in token text
-- @out id id, cart_id int, order_id int, provider text, flow enum:payment_flow_names
-- @out status enum:payment_status_names, told enum:payment_status_names, test bool, amount money
-- @out later bool, token text, key text, ref text?, charge text, reference text, number text
-- @out input text, next text, return_url text, base_url text, email text, country text
-- @out locale text, net text, account_id int, method_id int, save_method bool, code text
-- @out problem text, tries int, passed bool, created_ms time, updated_ms time, expires_ms time
-- @out due_ms time?
SELECT id, cart_id, order_id, provider, flow, status, told, test, amount_amount, amount_currency,
    later, token, key, ref, charge, reference, number, input, next, return_url, base_url, email,
    country, locale, net, account_id, method_id, save_method, code, problem, tries, passed,
    created_ms, updated_ms, expires_ms, due_ms
FROM order_payment_session WHERE token = :token;

-- @query payment_session_by_ref maybe OrderPaymentSession
-- @in provider text, ref text
-- @out id id, cart_id int, order_id int, provider text, flow enum:payment_flow_names
-- @out status enum:payment_status_names, told enum:payment_status_names, test bool, amount money
-- @out later bool, token text, key text, ref text?, charge text, reference text, number text
-- @out input text, next text, return_url text, base_url text, email text, country text
-- @out locale text, net text, account_id int, method_id int, save_method bool, code text
-- @out problem text, tries int, passed bool, created_ms time, updated_ms time, expires_ms time
-- @out due_ms time?
SELECT id, cart_id, order_id, provider, flow, status, told, test, amount_amount, amount_currency,
    later, token, key, ref, charge, reference, number, input, next, return_url, base_url, email,
    country, locale, net, account_id, method_id, save_method, code, problem, tries, passed,
    created_ms, updated_ms, expires_ms, due_ms
FROM order_payment_session WHERE provider = :provider AND ref = :ref;

-- @query payment_session_by_charge maybe OrderPaymentSession
-- @in provider text, charge text
-- @out id id, cart_id int, order_id int, provider text, flow enum:payment_flow_names
-- @out status enum:payment_status_names, told enum:payment_status_names, test bool, amount money
-- @out later bool, token text, key text, ref text?, charge text, reference text, number text
-- @out input text, next text, return_url text, base_url text, email text, country text
-- @out locale text, net text, account_id int, method_id int, save_method bool, code text
-- @out problem text, tries int, passed bool, created_ms time, updated_ms time, expires_ms time
-- @out due_ms time?
SELECT id, cart_id, order_id, provider, flow, status, told, test, amount_amount, amount_currency,
    later, token, key, ref, charge, reference, number, input, next, return_url, base_url, email,
    country, locale, net, account_id, method_id, save_method, code, problem, tries, passed,
    created_ms, updated_ms, expires_ms, due_ms
FROM order_payment_session
WHERE provider = :provider AND charge = :charge AND charge <> '' LIMIT 1;

-- @query payment_session_by_reference maybe OrderPaymentSession
-- @in reference text
-- @out id id, cart_id int, order_id int, provider text, flow enum:payment_flow_names
-- @out status enum:payment_status_names, told enum:payment_status_names, test bool, amount money
-- @out later bool, token text, key text, ref text?, charge text, reference text, number text
-- @out input text, next text, return_url text, base_url text, email text, country text
-- @out locale text, net text, account_id int, method_id int, save_method bool, code text
-- @out problem text, tries int, passed bool, created_ms time, updated_ms time, expires_ms time
-- @out due_ms time?
SELECT id, cart_id, order_id, provider, flow, status, told, test, amount_amount, amount_currency,
    later, token, key, ref, charge, reference, number, input, next, return_url, base_url, email,
    country, locale, net, account_id, method_id, save_method, code, problem, tries, passed,
    created_ms, updated_ms, expires_ms, due_ms
FROM order_payment_session WHERE reference = :reference AND reference <> '';

-- @query payment_session_of_cart many OrderPaymentSession
-- @in cart_id int, max int
-- @out id id, cart_id int, order_id int, provider text, flow enum:payment_flow_names
-- @out status enum:payment_status_names, told enum:payment_status_names, test bool, amount money
-- @out later bool, token text, key text, ref text?, charge text, reference text, number text
-- @out input text, next text, return_url text, base_url text, email text, country text
-- @out locale text, net text, account_id int, method_id int, save_method bool, code text
-- @out problem text, tries int, passed bool, created_ms time, updated_ms time, expires_ms time
-- @out due_ms time?
SELECT id, cart_id, order_id, provider, flow, status, told, test, amount_amount, amount_currency,
    later, token, key, ref, charge, reference, number, input, next, return_url, base_url, email,
    country, locale, net, account_id, method_id, save_method, code, problem, tries, passed,
    created_ms, updated_ms, expires_ms, due_ms
FROM order_payment_session WHERE cart_id = :cart_id ORDER BY id DESC LIMIT :max;

-- @query payment_session_of_order many OrderPaymentSession
-- @in order_id int, max int
-- @out id id, cart_id int, order_id int, provider text, flow enum:payment_flow_names
-- @out status enum:payment_status_names, told enum:payment_status_names, test bool, amount money
-- @out later bool, token text, key text, ref text?, charge text, reference text, number text
-- @out input text, next text, return_url text, base_url text, email text, country text
-- @out locale text, net text, account_id int, method_id int, save_method bool, code text
-- @out problem text, tries int, passed bool, created_ms time, updated_ms time, expires_ms time
-- @out due_ms time?
SELECT id, cart_id, order_id, provider, flow, status, told, test, amount_amount, amount_currency,
    later, token, key, ref, charge, reference, number, input, next, return_url, base_url, email,
    country, locale, net, account_id, method_id, save_method, code, problem, tries, passed,
    created_ms, updated_ms, expires_ms, due_ms
FROM order_payment_session WHERE order_id = :order_id ORDER BY id DESC LIMIT :max;

-- @query payment_session_due many OrderPaymentSession
-- @in now time, max int
-- @out id id, cart_id int, order_id int, provider text, flow enum:payment_flow_names
-- @out status enum:payment_status_names, told enum:payment_status_names, test bool, amount money
-- @out later bool, token text, key text, ref text?, charge text, reference text, number text
-- @out input text, next text, return_url text, base_url text, email text, country text
-- @out locale text, net text, account_id int, method_id int, save_method bool, code text
-- @out problem text, tries int, passed bool, created_ms time, updated_ms time, expires_ms time
-- @out due_ms time?
SELECT id, cart_id, order_id, provider, flow, status, told, test, amount_amount, amount_currency,
    later, token, key, ref, charge, reference, number, input, next, return_url, base_url, email,
    country, locale, net, account_id, method_id, save_method, code, problem, tries, passed,
    created_ms, updated_ms, expires_ms, due_ms
FROM order_payment_session
WHERE due_ms <= :now AND due_ms IS NOT NULL ORDER BY due_ms LIMIT :max;

-- @query payment_session_page many OrderPaymentSession
-- @in before id, max int
-- @out id id, cart_id int, order_id int, provider text, flow enum:payment_flow_names
-- @out status enum:payment_status_names, told enum:payment_status_names, test bool, amount money
-- @out later bool, token text, key text, ref text?, charge text, reference text, number text
-- @out input text, next text, return_url text, base_url text, email text, country text
-- @out locale text, net text, account_id int, method_id int, save_method bool, code text
-- @out problem text, tries int, passed bool, created_ms time, updated_ms time, expires_ms time
-- @out due_ms time?
SELECT id, cart_id, order_id, provider, flow, status, told, test, amount_amount, amount_currency,
    later, token, key, ref, charge, reference, number, input, next, return_url, base_url, email,
    country, locale, net, account_id, method_id, save_method, code, problem, tries, passed,
    created_ms, updated_ms, expires_ms, due_ms
FROM order_payment_session WHERE id < :before ORDER BY id DESC LIMIT :max;

-- @query payment_session_page_back many OrderPaymentSession
-- @in after id, max int
-- @out id id, cart_id int, order_id int, provider text, flow enum:payment_flow_names
-- @out status enum:payment_status_names, told enum:payment_status_names, test bool, amount money
-- @out later bool, token text, key text, ref text?, charge text, reference text, number text
-- @out input text, next text, return_url text, base_url text, email text, country text
-- @out locale text, net text, account_id int, method_id int, save_method bool, code text
-- @out problem text, tries int, passed bool, created_ms time, updated_ms time, expires_ms time
-- @out due_ms time?
SELECT id, cart_id, order_id, provider, flow, status, told, test, amount_amount, amount_currency,
    later, token, key, ref, charge, reference, number, input, next, return_url, base_url, email,
    country, locale, net, account_id, method_id, save_method, code, problem, tries, passed,
    created_ms, updated_ms, expires_ms, due_ms
FROM order_payment_session WHERE id > :after ORDER BY id LIMIT :max;

-- A call to the provider begins.
-- @query payment_session_calling exec
-- @in id id, now time, due time
UPDATE order_payment_session SET tries = tries + 1, updated_ms = :now, due_ms = :due
WHERE id = :id AND status NOT IN ('captured', 'failed', 'cancelled');

-- @query payment_session_answer exec
-- @from OrderPaymentAnswer
-- @in id id, status enum:payment_status_names, ref text?, charge text, reference text, next text
-- @in code text, problem text, now time, expires time, due time?
UPDATE order_payment_session SET status = :status, ref = coalesce(:ref, ref),
    charge = CASE WHEN :charge <> '' THEN :charge ELSE charge END,
    reference = CASE WHEN :reference <> '' THEN :reference ELSE reference END,
    next = :next, code = :code, problem = :problem, updated_ms = :now, expires_ms = :expires,
    due_ms = :due
WHERE id = :id;

-- @query payment_session_told exec
-- @in id id, told enum:payment_status_names, due time?
UPDATE order_payment_session SET told = :told, due_ms = :due WHERE id = :id;

-- @query payment_session_later exec
-- @in id id, due time?, problem text
UPDATE order_payment_session SET due_ms = :due, problem = :problem WHERE id = :id;

-- @query payment_session_passed exec
-- @in id id
UPDATE order_payment_session SET passed = TRUE WHERE id = :id;

-- @query payment_session_attach exec
-- @in id id, order_id int
UPDATE order_payment_session SET order_id = :order_id WHERE id = :id;

-- --- payments ---

-- @query payment_add exec
-- @from OrderPayment
-- @in id id, session_id int, cart_id int, order_id int, provider text, test bool
-- @in status enum:payment_status_names, ref text, currency text, amount int, authorized int
-- @in captured int, refunded int, refunding int, voided int, disputed int, method text
-- @in brand text, last4 text, fingerprint text, reference text, rev int, created_ms time
-- @in updated_ms time
INSERT INTO order_payment (id, session_id, cart_id, order_id, provider, test, status, ref,
    currency, amount, authorized, captured, refunded, refunding, voided, disputed, method, brand,
    last4, fingerprint, reference, rev, created_ms, updated_ms)
VALUES (:id, :session_id, :cart_id, :order_id, :provider, :test, :status, :ref, :currency, :amount,
    :authorized, :captured, :refunded, :refunding, :voided, :disputed, :method, :brand, :last4,
    :fingerprint, :reference, :rev, :created_ms, :updated_ms)
ON CONFLICT (session_id) DO NOTHING;

-- @query payment_get one OrderPayment
-- @missing payment.no_payment
-- @in id id
-- @out id id, session_id int, cart_id int, order_id int, provider text, test bool
-- @out status enum:payment_status_names, ref text, currency text, amount int, authorized int
-- @out captured int, refunded int, refunding int, voided int, disputed int, method text
-- @out brand text, last4 text, fingerprint text, reference text, rev int, created_ms time
-- @out updated_ms time
SELECT id, session_id, cart_id, order_id, provider, test, status, ref, currency, amount, authorized,
    captured, refunded, refunding, voided, disputed, method, brand, last4, fingerprint, reference,
    rev, created_ms, updated_ms
FROM order_payment WHERE id = :id;

-- @query payment_by_session maybe OrderPayment
-- @in session_id int
-- @out id id, session_id int, cart_id int, order_id int, provider text, test bool
-- @out status enum:payment_status_names, ref text, currency text, amount int, authorized int
-- @out captured int, refunded int, refunding int, voided int, disputed int, method text
-- @out brand text, last4 text, fingerprint text, reference text, rev int, created_ms time
-- @out updated_ms time
SELECT id, session_id, cart_id, order_id, provider, test, status, ref, currency, amount, authorized,
    captured, refunded, refunding, voided, disputed, method, brand, last4, fingerprint, reference,
    rev, created_ms, updated_ms
FROM order_payment WHERE session_id = :session_id;

-- @query payment_of_order many OrderPayment
-- @in order_id int
-- @out id id, session_id int, cart_id int, order_id int, provider text, test bool
-- @out status enum:payment_status_names, ref text, currency text, amount int, authorized int
-- @out captured int, refunded int, refunding int, voided int, disputed int, method text
-- @out brand text, last4 text, fingerprint text, reference text, rev int, created_ms time
-- @out updated_ms time
SELECT id, session_id, cart_id, order_id, provider, test, status, ref, currency, amount, authorized,
    captured, refunded, refunding, voided, disputed, method, brand, last4, fingerprint, reference,
    rev, created_ms, updated_ms
FROM order_payment WHERE order_id = :order_id ORDER BY id LIMIT 200;

-- @query payment_page many OrderPayment
-- @in before id, max int
-- @out id id, session_id int, cart_id int, order_id int, provider text, test bool
-- @out status enum:payment_status_names, ref text, currency text, amount int, authorized int
-- @out captured int, refunded int, refunding int, voided int, disputed int, method text
-- @out brand text, last4 text, fingerprint text, reference text, rev int, created_ms time
-- @out updated_ms time
SELECT id, session_id, cart_id, order_id, provider, test, status, ref, currency, amount, authorized,
    captured, refunded, refunding, voided, disputed, method, brand, last4, fingerprint, reference,
    rev, created_ms, updated_ms
FROM order_payment WHERE id < :before ORDER BY id DESC LIMIT :max;

-- @query payment_page_back many OrderPayment
-- @in after id, max int
-- @out id id, session_id int, cart_id int, order_id int, provider text, test bool
-- @out status enum:payment_status_names, ref text, currency text, amount int, authorized int
-- @out captured int, refunded int, refunding int, voided int, disputed int, method text
-- @out brand text, last4 text, fingerprint text, reference text, rev int, created_ms time
-- @out updated_ms time
SELECT id, session_id, cart_id, order_id, provider, test, status, ref, currency, amount, authorized,
    captured, refunded, refunding, voided, disputed, method, brand, last4, fingerprint, reference,
    rev, created_ms, updated_ms
FROM order_payment WHERE id > :after ORDER BY id LIMIT :max;

-- @query payment_set exec
-- @from OrderPaymentSet
-- @in id id, rev int, status enum:payment_status_names, ref text, authorized int, captured int
-- @in refunded int, refunding int, voided int, disputed int, method text, brand text, last4 text
-- @in fingerprint text, reference text, now time
UPDATE order_payment SET status = :status, ref = :ref, authorized = :authorized,
    captured = :captured, refunded = :refunded, refunding = :refunding, voided = :voided,
    disputed = :disputed, method = :method, brand = :brand, last4 = :last4,
    fingerprint = :fingerprint, reference = :reference, rev = rev + 1, updated_ms = :now
WHERE id = :id AND rev = :rev;

-- @query payment_attach exec
-- @in session_id int, order_id int
UPDATE order_payment SET order_id = :order_id WHERE session_id = :session_id;

-- @query payment_txn_attach exec
-- @in session_id int, order_id int
UPDATE order_payment_txn SET order_id = :order_id WHERE payment_id IN (
    SELECT id FROM order_payment WHERE session_id = :session_id);

-- @query payment_sum one OrderPaymentSum
-- @in order_id int
-- @out n int, waiting int, authorized int, captured int, refunded int, refunding int, voided int
-- @out disputed int, granted int, granting int
SELECT count(*) AS n,
    CAST(coalesce(sum(CASE WHEN status = 'pending' THEN amount ELSE 0 END), 0) AS {INT}) AS waiting,
    CAST(coalesce(sum(authorized), 0) AS {INT}) AS authorized,
    CAST(coalesce(sum(captured), 0) AS {INT}) AS captured,
    CAST(coalesce(sum(refunded), 0) AS {INT}) AS refunded,
    CAST(coalesce(sum(refunding), 0) AS {INT}) AS refunding,
    CAST(coalesce(sum(voided), 0) AS {INT}) AS voided,
    CAST(coalesce(sum(disputed), 0) AS {INT}) AS disputed,
    (SELECT CAST(coalesce(sum(t.granted), 0) AS {INT}) FROM order_payment_txn t
        WHERE t.order_id = :order_id AND t.status = 'done') AS granted,
    (SELECT CAST(coalesce(sum(t.granted), 0) AS {INT}) FROM order_payment_txn t
        WHERE t.order_id = :order_id AND t.status = 'pending') AS granting
FROM order_payment WHERE order_id = :order_id;

-- --- transactions ---

-- @query payment_txn_add exec
-- @from OrderPaymentTxn
-- @in id id, payment_id int, order_id int, kind enum:payment_kind_names
-- @in status enum:payment_txn_status_names, amount money, provider text, ref text?, reason text
-- @in problem text, actor text, key text, tries int, created_ms time, updated_ms time
-- @in due_ms time?, granted int
INSERT INTO order_payment_txn (id, payment_id, order_id, kind, status, amount_amount,
    amount_currency, provider, ref, reason, problem, actor, key, tries, created_ms, updated_ms,
    due_ms, granted)
VALUES (:id, :payment_id, :order_id, :kind, :status, :amount_amount, :amount_currency, :provider,
    :ref, :reason, :problem, :actor, :key, :tries, :created_ms, :updated_ms, :due_ms, :granted)
ON CONFLICT (key) DO NOTHING;

-- @query payment_txn_get one OrderPaymentTxn
-- @missing payment.no_txn
-- @in id id
-- @out id id, payment_id int, order_id int, kind enum:payment_kind_names
-- @out status enum:payment_txn_status_names, amount money, provider text, ref text?, reason text
-- @out problem text, actor text, key text, tries int, created_ms time, updated_ms time
-- @out due_ms time?, granted int
SELECT id, payment_id, order_id, kind, status, amount_amount, amount_currency, provider, ref,
    reason, problem, actor, key, tries, created_ms, updated_ms, due_ms, granted
FROM order_payment_txn WHERE id = :id;

-- @query payment_txn_by_key maybe OrderPaymentTxn
-- @in key text
-- @out id id, payment_id int, order_id int, kind enum:payment_kind_names
-- @out status enum:payment_txn_status_names, amount money, provider text, ref text?, reason text
-- @out problem text, actor text, key text, tries int, created_ms time, updated_ms time
-- @out due_ms time?, granted int
SELECT id, payment_id, order_id, kind, status, amount_amount, amount_currency, provider, ref,
    reason, problem, actor, key, tries, created_ms, updated_ms, due_ms, granted
FROM order_payment_txn WHERE key = :key;

-- @query payment_txn_by_ref maybe OrderPaymentTxn
-- @in provider text, kind enum:payment_kind_names, ref text
-- @out id id, payment_id int, order_id int, kind enum:payment_kind_names
-- @out status enum:payment_txn_status_names, amount money, provider text, ref text?, reason text
-- @out problem text, actor text, key text, tries int, created_ms time, updated_ms time
-- @out due_ms time?, granted int
SELECT id, payment_id, order_id, kind, status, amount_amount, amount_currency, provider, ref,
    reason, problem, actor, key, tries, created_ms, updated_ms, due_ms, granted
FROM order_payment_txn WHERE provider = :provider AND kind = :kind AND ref = :ref;

-- @query payment_txn_of many OrderPaymentTxn
-- @in payment_id int
-- @out id id, payment_id int, order_id int, kind enum:payment_kind_names
-- @out status enum:payment_txn_status_names, amount money, provider text, ref text?, reason text
-- @out problem text, actor text, key text, tries int, created_ms time, updated_ms time
-- @out due_ms time?, granted int
SELECT id, payment_id, order_id, kind, status, amount_amount, amount_currency, provider, ref,
    reason, problem, actor, key, tries, created_ms, updated_ms, due_ms, granted
FROM order_payment_txn WHERE payment_id = :payment_id ORDER BY id LIMIT 500;

-- @query payment_txn_due many OrderPaymentTxn
-- @in now time, max int
-- @out id id, payment_id int, order_id int, kind enum:payment_kind_names
-- @out status enum:payment_txn_status_names, amount money, provider text, ref text?, reason text
-- @out problem text, actor text, key text, tries int, created_ms time, updated_ms time
-- @out due_ms time?, granted int
SELECT id, payment_id, order_id, kind, status, amount_amount, amount_currency, provider, ref,
    reason, problem, actor, key, tries, created_ms, updated_ms, due_ms, granted
FROM order_payment_txn
WHERE due_ms <= :now AND due_ms IS NOT NULL ORDER BY due_ms LIMIT :max;

-- A call to the provider begins; 0 rows: it is done already.
-- @query payment_txn_calling exec
-- @in id id, now time, due time
UPDATE order_payment_txn SET tries = tries + 1, updated_ms = :now, due_ms = :due
WHERE id = :id AND status = 'pending';

-- @query payment_txn_answer exec
-- @in id id, status enum:payment_txn_status_names, ref text?, problem text, now time, due time?
UPDATE order_payment_txn SET status = :status, ref = coalesce(:ref, ref), problem = :problem,
    updated_ms = :now, due_ms = :due
WHERE id = :id AND status = 'pending';

-- A refund that was thought done came back.
-- @query payment_txn_reverse exec
-- @in id id, problem text, now time
UPDATE order_payment_txn SET status = 'failed', problem = :problem, updated_ms = :now
WHERE id = :id AND status = 'done';

-- --- events ---

-- @query payment_event_add exec
-- @from OrderPaymentEvent
-- @in id id, provider text, event_id text, type text, ref text, body text, problem text
-- @in tries int, received_ms time, done_ms time?, due_ms time?
INSERT INTO order_payment_event (id, provider, event_id, type, ref, body, problem, tries,
    received_ms, done_ms, due_ms)
VALUES (:id, :provider, :event_id, :type, :ref, :body, :problem, :tries, :received_ms, :done_ms,
    :due_ms)
ON CONFLICT (provider, event_id) DO NOTHING;

-- @query payment_event_get maybe OrderPaymentEvent
-- @in provider text, event_id text
-- @out id id, provider text, event_id text, type text, ref text, body text, problem text
-- @out tries int, received_ms time, done_ms time?, due_ms time?
SELECT id, provider, event_id, type, ref, body, problem, tries, received_ms, done_ms, due_ms
FROM order_payment_event
WHERE provider = :provider AND event_id = :event_id;

-- @query payment_event_due many OrderPaymentEvent
-- @in now time, max int
-- @out id id, provider text, event_id text, type text, ref text, body text, problem text
-- @out tries int, received_ms time, done_ms time?, due_ms time?
SELECT id, provider, event_id, type, ref, body, problem, tries, received_ms, done_ms, due_ms
FROM order_payment_event
WHERE due_ms <= :now AND due_ms IS NOT NULL ORDER BY due_ms LIMIT :max;

-- @query payment_event_done exec
-- @in id id, now time
UPDATE order_payment_event SET done_ms = :now, due_ms = NULL, problem = '' WHERE id = :id;

-- @query payment_event_failed exec
-- @in id id, problem text, due time?
UPDATE order_payment_event SET problem = :problem, tries = tries + 1, due_ms = :due WHERE id = :id;

-- @query payment_event_prune exec
-- @in before id, max int
DELETE FROM order_payment_event WHERE id IN (
    SELECT id FROM order_payment_event WHERE id < :before ORDER BY id LIMIT :max);

-- --- saved methods ---

-- @query payment_customer_get maybe
-- @in account_id int, provider text
-- @out ref text
SELECT ref FROM order_payment_customer WHERE account_id = :account_id AND provider = :provider;

-- @query payment_customer_add exec
-- @in account_id int, provider text, ref text
INSERT INTO order_payment_customer (account_id, provider, ref) VALUES (:account_id, :provider, :ref)
ON CONFLICT (account_id, provider) DO NOTHING;

-- @query payment_method_add exec
-- @from OrderPaymentMethod
-- @in id id, account_id int, provider text, ref text, brand text, last4 text, exp_month int
-- @in exp_year int, created_ms time
INSERT INTO order_payment_method (id, account_id, provider, ref, brand, last4, exp_month, exp_year,
    created_ms)
VALUES (:id, :account_id, :provider, :ref, :brand, :last4, :exp_month, :exp_year, :created_ms)
ON CONFLICT (provider, ref) DO NOTHING;

-- @query payment_method_get maybe OrderPaymentMethod
-- @in id id, account_id int
-- @out id id, account_id int, provider text, ref text, brand text, last4 text, exp_month int
-- @out exp_year int, created_ms time
SELECT id, account_id, provider, ref, brand, last4, exp_month, exp_year, created_ms
FROM order_payment_method WHERE id = :id AND account_id = :account_id;

-- @query payment_method_of many OrderPaymentMethod
-- @in account_id int
-- @out id id, account_id int, provider text, ref text, brand text, last4 text, exp_month int
-- @out exp_year int, created_ms time
SELECT id, account_id, provider, ref, brand, last4, exp_month, exp_year, created_ms
FROM order_payment_method WHERE account_id = :account_id ORDER BY id LIMIT 50;

-- @query payment_method_remove exec
-- @in id id, account_id int
DELETE FROM order_payment_method WHERE id = :id AND account_id = :account_id;

-- --- limits ---

-- @query payment_throttle_get many OrderPaymentThrottle
-- @in keys texts
-- @out key text, failures int, seen_ms time
SELECT key, failures, seen_ms FROM order_payment_throttle WHERE key IN (:keys) LIMIT 10;

-- One failure more; those before `since` are forgotten.
-- @query payment_throttle_count exec
-- @in key text, since time, now time
INSERT INTO order_payment_throttle (key, failures, seen_ms) VALUES (:key, 1, :now)
ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN order_payment_throttle.seen_ms < :since THEN 1
        ELSE order_payment_throttle.failures + 1 END, seen_ms = excluded.seen_ms;

-- 1 row: it was not there.
-- @query payment_throttle_once exec
-- @in key text, now time
INSERT INTO order_payment_throttle (key, failures, seen_ms) VALUES (:key, 1, :now)
ON CONFLICT (key) DO NOTHING;

-- @query payment_throttle_prune exec
-- @in before time, max int
DELETE FROM order_payment_throttle WHERE key IN (
    SELECT key FROM order_payment_throttle WHERE seen_ms < :before ORDER BY seen_ms LIMIT :max);

-- --- bank ---

-- @query bank_receipt_add exec
-- @from OrderBankReceipt
-- @in id id, bank_ref text, amount money, text text, payer text, received_ms time
-- @in payment_id int?, order_id int?, created_ms time
INSERT INTO order_bank_receipt (id, bank_ref, amount_amount, amount_currency, text, payer,
    received_ms, payment_id, order_id, created_ms)
VALUES (:id, :bank_ref, :amount_amount, :amount_currency, :text, :payer, :received_ms, :payment_id,
    :order_id, :created_ms)
ON CONFLICT (bank_ref) DO NOTHING;

-- @query bank_receipt_get one OrderBankReceipt
-- @missing payment.no_receipt
-- @in id id
-- @out id id, bank_ref text, amount money, text text, payer text, received_ms time
-- @out payment_id int?, order_id int?, created_ms time
SELECT id, bank_ref, amount_amount, amount_currency, text, payer, received_ms, payment_id, order_id,
    created_ms
FROM order_bank_receipt WHERE id = :id;

-- @query bank_receipt_by_ref maybe OrderBankReceipt
-- @in bank_ref text
-- @out id id, bank_ref text, amount money, text text, payer text, received_ms time
-- @out payment_id int?, order_id int?, created_ms time
SELECT id, bank_ref, amount_amount, amount_currency, text, payer, received_ms, payment_id, order_id,
    created_ms
FROM order_bank_receipt WHERE bank_ref = :bank_ref;

-- @query bank_receipt_page many OrderBankReceipt
-- @in before id, max int
-- @out id id, bank_ref text, amount money, text text, payer text, received_ms time
-- @out payment_id int?, order_id int?, created_ms time
SELECT id, bank_ref, amount_amount, amount_currency, text, payer, received_ms, payment_id, order_id,
    created_ms
FROM order_bank_receipt WHERE id < :before ORDER BY id DESC LIMIT :max;

-- @query bank_receipt_page_back many OrderBankReceipt
-- @in after id, max int
-- @out id id, bank_ref text, amount money, text text, payer text, received_ms time
-- @out payment_id int?, order_id int?, created_ms time
SELECT id, bank_ref, amount_amount, amount_currency, text, payer, received_ms, payment_id, order_id,
    created_ms
FROM order_bank_receipt WHERE id > :after ORDER BY id LIMIT :max;

-- @query bank_receipt_open many OrderBankReceipt
-- @in before id, max int
-- @out id id, bank_ref text, amount money, text text, payer text, received_ms time
-- @out payment_id int?, order_id int?, created_ms time
SELECT id, bank_ref, amount_amount, amount_currency, text, payer, received_ms, payment_id, order_id,
    created_ms
FROM order_bank_receipt
WHERE payment_id IS NULL AND id < :before ORDER BY id DESC LIMIT :max;

-- @query bank_receipt_match exec
-- @in id id, payment_id int, order_id int
UPDATE order_bank_receipt SET payment_id = :payment_id, order_id = :order_id
WHERE id = :id AND payment_id IS NULL;

-- --- the other side of the test provider ---

-- @query payment_test_add exec
-- @from OrderPaymentTest
-- @in ref text, session_id int, scenario text, state text, amount int, captured int, refunded int
-- @in refunds text, created_ms time
INSERT INTO order_payment_test (ref, session_id, scenario, state, amount, captured, refunded,
    refunds, created_ms)
VALUES (:ref, :session_id, :scenario, :state, :amount, :captured, :refunded, :refunds, :created_ms)
ON CONFLICT (ref) DO NOTHING;

-- @query payment_test_get maybe OrderPaymentTest
-- @in ref text
-- @out ref text, session_id int, scenario text, state text, amount int, captured int
-- @out refunded int, refunds text, created_ms time
SELECT ref, session_id, scenario, state, amount, captured, refunded, refunds, created_ms
FROM order_payment_test WHERE ref = :ref;

-- @query payment_test_set exec
-- @in ref text, state text, captured int, refunded int, refunds text
UPDATE order_payment_test SET state = :state, captured = :captured, refunded = :refunded,
    refunds = :refunds
WHERE ref = :ref;

-- @query payment_test_prune exec
-- @in before time, max int
DELETE FROM order_payment_test WHERE ref IN (
    SELECT ref FROM order_payment_test WHERE created_ms < :before ORDER BY created_ms LIMIT :max);
