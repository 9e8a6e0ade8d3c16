-- Movements are for ever.
CREATE TRIGGER stock_movement_keep_update BEFORE UPDATE ON stock_movement
BEGIN
    SELECT RAISE(ABORT, 'movements of stock are never changed');
END;
CREATE TRIGGER stock_movement_keep_delete BEFORE DELETE ON stock_movement
BEGIN
    SELECT RAISE(ABORT, 'movements of stock are never deleted');
END;
