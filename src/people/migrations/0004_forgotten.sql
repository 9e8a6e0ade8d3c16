-- Subjects of the journey (people_subject() of an identifier) whose person was erased: their events
-- go, and what still comes under them is not taken.
CREATE TABLE people_forgotten (
    subject    {ID},
    profile_id {INT} NOT NULL, -- as it was then
    erased     {BOOL} NOT NULL, -- the journey has forgotten them
    at_ms      {TIME} NOT NULL
) {STRICT};
CREATE INDEX people_forgotten_to_do ON people_forgotten (erased, subject);
