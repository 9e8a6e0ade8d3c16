-- All that is known of people under one name, for questions to the journey.
CREATE INDEX people_trait_by_name ON people_trait (name, identifier_id) WHERE current;
