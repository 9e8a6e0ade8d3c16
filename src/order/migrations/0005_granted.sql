-- Money that was given back for goods that stay with the buyer: nobody owes it again.
ALTER TABLE order_payment_txn ADD COLUMN granted {INT} NOT NULL DEFAULT 0;
ALTER TABLE order_order ADD COLUMN granted {INT} NOT NULL DEFAULT 0;
