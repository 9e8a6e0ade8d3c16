/* bank.h - references of bank transfers, and files of what came to the account.
 *
 * A reference is an ISO 11649 creditor reference: "RF", two check digits, eight characters. Banks
 * check it while it is typed; we find it in whatever text a payer wrote, with blanks or without.
 *
 * A file is CSV with a line of names; columns are found by them, in the languages banks here use:
 * date, amount, currency, text, payer, reference of the bank. Debits (amounts below zero) are
 * passed over. A row that was imported before is not imported again. */
#pragma once

#include "core/cx.h"

enum { BANK_REFERENCE_LEN = 12, BANK_ROWS_MAX = 20000, BANK_FILE_MAX = 8 << 20 };

/* The reference of a session: the same each time. */
Str bank_reference(Arena *a, int64_t session_id);

/* The first valid reference in `text`; absent when there is none. */
Str bank_reference_find(Arena *a, Str text);

typedef struct BankProblem {
    int64_t line;
    Str     what;
} BankProblem;

typedef struct BankImport {
    int64_t rows;    /* credits in the file */
    int64_t known;   /* imported before */
    int64_t matched; /* to a payment, of those that are new */
    int64_t open;    /* new, and nobody knows yet what for */
    int64_t failed;  /* could not be read */
    struct {
        BankProblem *items;
        size_t       n;
    } problems; /* the first 50 */
} BankImport;

extern const struct Shape bank_import_shape;

/* Import a file: each row in its own transaction. `currency` is of rows that name none.
 * ST_INVALID "payment.bad_bank_file" when columns are missing. */
NODISCARD Status bank_import(Cx *cx, Str file, Str currency, BankImport *ret);
