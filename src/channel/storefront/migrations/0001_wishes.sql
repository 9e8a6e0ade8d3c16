-- What customers keep for later: products of an account, newest first.
CREATE TABLE storefront_wish (
    account_id {INT} NOT NULL,
    product_id {INT} NOT NULL,
    added_ms   {TIME} NOT NULL,
    PRIMARY KEY (account_id, product_id)
) {KEYED};
CREATE INDEX storefront_wish_by_time ON storefront_wish (account_id, added_ms);
