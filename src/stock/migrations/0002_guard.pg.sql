-- Movements are for ever.
CREATE FUNCTION stock_movement_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'movements of stock are never changed';
END $$;
CREATE TRIGGER stock_movement_keep BEFORE UPDATE OR DELETE ON stock_movement
    FOR EACH ROW EXECUTE FUNCTION stock_movement_refuse();
CREATE TRIGGER stock_movement_keep_all BEFORE TRUNCATE ON stock_movement
    FOR EACH STATEMENT EXECUTE FUNCTION stock_movement_refuse();
