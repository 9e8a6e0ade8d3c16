-- @query wishes many StorefrontWishRow
-- @in  account int, max int
-- @out product_id int
SELECT product_id FROM storefront_wish WHERE account_id = :account
ORDER BY added_ms DESC, product_id DESC LIMIT :max;

-- @query wish_count one StorefrontWishCount
-- @in  account int
-- @out n int
SELECT COUNT(*) AS n FROM storefront_wish WHERE account_id = :account;

-- @query wish_add exec
-- @in  account int, product int, now time
INSERT INTO storefront_wish (account_id, product_id, added_ms) VALUES (:account, :product, :now)
ON CONFLICT (account_id, product_id) DO NOTHING;

-- @query wish_remove exec
-- @in  account int, product int
DELETE FROM storefront_wish WHERE account_id = :account AND product_id = :product;
