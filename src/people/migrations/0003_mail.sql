-- Mails to be sent and mails that were: one row each, found by its Message-ID.
CREATE TABLE people_mail (
    id         {ID},
    message_id {TEXT} NOT NULL, -- without the domain: chosen by whoever sends
    template   {TEXT} NOT NULL,
    recipient  {TEXT} NOT NULL, -- emptied some time after it was sent
    locale     {TEXT} NOT NULL,
    data       {TEXT} NOT NULL, -- JSON for the template; emptied once it was sent
    status     {TEXT} NOT NULL CHECK (status IN ('queued', 'sent', 'failed')),
    attempts   {INT} NOT NULL,
    problem    {TEXT} NOT NULL, -- what the last attempt met
    created_ms {TIME} NOT NULL,
    sent_ms    {TIME}
) {STRICT};
CREATE UNIQUE INDEX people_mail_by_message ON people_mail (message_id);
CREATE INDEX people_mail_by_recipient ON people_mail (recipient);
