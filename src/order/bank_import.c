/* Files of what came to the account: CSV as banks write it. */
#include "base/codec.h"
#include "base/csv.h"
#include "base/encoding.h"
#include "order/bank.h"
#include "order/payment_int.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const ShapeField PROBLEM_FIELDS[] = {
    SHAPE_INT(BankProblem, line),
    SHAPE_TEXT(BankProblem, what),
};
static const Shape      PROBLEM = SHAPE_OF(BankProblem, "BankImportProblem", PROBLEM_FIELDS,
                                           .doc = "A row that could not be read.");
static const ShapeField IMPORT_FIELDS[] = {
    SHAPE_INT(BankImport, rows, .doc = "Credits in the file."),
    SHAPE_INT(BankImport, known, .doc = "Imported before."),
    SHAPE_INT(BankImport, matched, .doc = "New, and a payment waited for it."),
    SHAPE_INT(BankImport, open, .doc = "New, and nobody knows yet what for."),
    SHAPE_INT(BankImport, failed, .doc = "Could not be read."),
    SHAPE_LIST(BankImport, problems, BankProblem, &PROBLEM),
};
const Shape bank_import_shape =
    SHAPE_OF(BankImport, "BankImport", IMPORT_FIELDS, .doc = "What came of a file of the bank's.");

enum { PROBLEMS_MAX = 50, COLUMN_NAMES = 16 };

typedef enum Column { DATE, AMOUNT, CURRENCY, TEXT, PAYER, REF, COLUMNS } Column;

/* As the heads of columns are called, in lower case (ASCII; others as they are written). */
static const char *const NAMES[COLUMNS][COLUMN_NAMES] = {
    [DATE] = {"date", "booking date", "value date", "datum", "boekdatum", "buchungstag",
              "transactiondate", "completed date", "tarih", "дата", "Дата", "дата операции",
              "Дата операції", "日期", NULL},
    [AMOUNT] = {"amount", "bedrag", "betrag", "credit", "tutar", "сумма", "Сумма", "сума", "Сума",
                "金额", "bedrag (eur)", "amount (eur)", NULL},
    [CURRENCY] = {"currency", "valuta", "munt", "waehrung", "währung", "para birimi", "валюта",
                  "Валюта", "币种", NULL},
    [TEXT] = {"text", "description", "details", "reference text", "remittance information",
              "mededelingen", "omschrijving", "verwendungszweck", "açıklama", "назначение платежа",
              "Назначение платежа", "призначення платежу", "Призначення платежу", "附言", "摘要"},
    [PAYER] = {"payer", "name", "naam", "counterparty", "naam / omschrijving", "naam tegenpartij",
               "auftraggeber", "gönderen", "плательщик", "Плательщик", "платник", "Платник",
               "对方户名", NULL},
    [REF] = {"id", "transaction id", "bank reference", "reference", "referentie", "volgnr",
             "referans", "номер документа", "Номер документа", "номер документу", "Номер документу",
             "流水号", NULL},
};

typedef struct Import {
    Cx         *cx;
    Str         currency;
    size_t      at[COLUMNS]; /* SIZE_MAX: there is none */
    bool        headed;
    BankImport *ret;
    uint64_t    row; /* of equal rows in one file, each is one */
} Import;

static void problem(Import *im, int64_t line, const char *what)
{
    im->ret->failed++;
    if (im->ret->problems.n < PROBLEMS_MAX)
        im->ret->problems.items[im->ret->problems.n++] =
            (BankProblem){line, str_dup(im->cx->arena, str_from_cstr(what))};
}

static void head(Import *im, const CsvRow *row)
{
    for (size_t c = 0; c < COLUMNS; c++)
        im->at[c] = SIZE_MAX;
    for (size_t i = 0; i < row->n; i++) {
        Str name = str_lower_ascii(im->cx->arena, str_trim(row->fields[i]));
        for (size_t c = 0; c < COLUMNS; c++)
            for (size_t k = 0; k < COLUMN_NAMES && NAMES[c][k] != NULL; k++)
                if (im->at[c] == SIZE_MAX && str_eq(name, str_from_cstr(NAMES[c][k])))
                    im->at[c] = i;
    }
    im->headed = true;
}

static Str field(const Import *im, const CsvRow *row, Column c)
{
    return im->at[c] < row->n ? str_trim(row->fields[im->at[c]]) : (Str){0};
}

/* "1.234,56", "1,234.56", "1 234.56", "+12" to "1234.56": the last mark is the decimal one, unless
 * three digits follow it and it is the only kind. */
static Str plain_amount(Arena *a, Str s)
{
    char  *out = arena_array(a, char, s.len + 1);
    size_t n = 0, last = SIZE_MAX, marks = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '.' || s.ptr[i] == ',') {
            marks += last == SIZE_MAX || s.ptr[last] == s.ptr[i] ? 1 : 0;
            last = i;
        }
    }
    bool grouped = last != SIZE_MAX && s.len - last - 1 == 3 &&
                   memchr(s.ptr, s.ptr[last] == ',' ? '.' : ',', s.len) == NULL;
    if (last != SIZE_MAX && marks > 1 &&
        memchr(s.ptr, s.ptr[last] == ',' ? '.' : ',', s.len) == NULL)
        grouped = true; /* 1.234.567 */
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if ((c >= '0' && c <= '9') || (c == '-' && n == 0))
            out[n++] = c;
        else if (i == last && !grouped)
            out[n++] = '.';
        else if (c != '.' && c != ',' && c != ' ' && c != '+' && c != '\'' &&
                 (unsigned char)c < 0x80)
            return (Str){0};
    }
    return (Str){out, n};
}

static bool digits(Str s, size_t from, size_t n, int *ret)
{
    *ret = 0;
    for (size_t i = from; i < from + n; i++) {
        if (i >= s.len || s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        *ret = *ret * 10 + s.ptr[i] - '0';
    }
    return true;
}

/* 2026-11-22, 22.11.2026, 22/11/2026, 22-11-2026, 20261122; a time behind it is passed over. */
static bool read_date(Str s, UnixMs *ret)
{
    int  y, m, d;
    char iso[16];
    bool ok = (digits(s, 0, 4, &y) && s.len >= 10 && digits(s, 5, 2, &m) && digits(s, 8, 2, &d)) ||
              (digits(s, 0, 8, &y) && digits(s, 0, 4, &y) && digits(s, 4, 2, &m) &&
               digits(s, 6, 2, &d)) ||
              (digits(s, 0, 2, &d) && s.len >= 10 && digits(s, 3, 2, &m) && digits(s, 6, 4, &y));
    if (!ok)
        return false;
    int n = snprintf(iso, sizeof iso, "%04d-%02d-%02d", y, m, d);
    return clock_parse_date((Str){iso, (size_t)n}, ret);
}

/* Rows without a name of the bank's are known by what they say; the count tells equal ones apart.
 */
static Str made_ref(Import *im, const CsvRow *row)
{
    unsigned char            hash[16];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (size_t i = 0; i < row->n; i++) {
        crypto_generichash_update(&state, (const unsigned char *)row->fields[i].ptr,
                                  row->fields[i].len);
        crypto_generichash_update(&state, (const unsigned char *)"\x1f", 1);
    }
    crypto_generichash_final(&state, hash, sizeof hash);
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 100);
    buf_add(&b, STR("row-"));
    codec_add_hex(&b, (Str){(const char *)hash, sizeof hash});
    return str_dup(im->cx->arena, buf_str(&b));
}

static Status one(Import *im, const CsvRow *row)
{
    Cx           *cx = im->cx;
    BankReceiptIn in = {0};
    BankReceipt   receipt;
    bool          known;
    Str           currency = field(im, row, CURRENCY);
    Str           amount = plain_amount(cx->arena, field(im, row, AMOUNT));
    if (amount.len > 0 && amount.ptr[0] == '-')
        return ST_OK; /* money that left */
    im->ret->rows++;
    if (money_parse(amount, currency.len > 0 ? currency : im->currency, &in.amount, &cx->err) !=
        ST_OK) {
        problem(im, row->line, cx->err.msg);
        return ST_OK;
    }
    if (!read_date(field(im, row, DATE), &in.received_at)) {
        problem(im, row->line, "the date cannot be read");
        return ST_OK;
    }
    in.text = str_head(field(im, row, TEXT), 1000);
    in.payer = str_head(field(im, row, PAYER), 1000);
    in.bank_ref = field(im, row, REF);
    if (in.bank_ref.len == 0)
        in.bank_ref = made_ref(im, row);
    Status st = bank_receive_row(cx, &in, &known, &receipt);
    if (st == ST_INVALID) {
        problem(im, row->line, cx->err.msg);
        return ST_OK;
    }
    TRY(st);
    if (known)
        im->ret->known++;
    else if (receipt.payment_id.has)
        im->ret->matched++;
    else
        im->ret->open++;
    return ST_OK;
}

static Str decoded(Cx *cx, Str file)
{
    Decoder d = decoder_of(encoding_of(file));
    Buf     b;
    buf_init(&b, (size_t)4 * BANK_FILE_MAX);
    decoder_feed(&d, file, true, &b);
    Str text = str_dup(cx->arena, buf_str(&b));
    buf_done(&b);
    return text;
}

static Status rows(Import *im, CsvReader *r)
{
    Cx *cx = im->cx;
    for (CsvRow row;;) {
        CsvNext next = csv_next(r, &row, &cx->err);
        if (next == CSV_END || next == CSV_FAILED)
            return im->headed
                       ? ST_OK
                       : cx_fail(cx, ST_INVALID, "payment.bad_bank_file", "the file is empty");
        if (next == CSV_MORE) {
            csv_feed(r, STR(""), true);
        } else if (next == CSV_BAD) {
            problem(im, row.line, cx->err.msg);
        } else if (!im->headed) {
            head(im, &row);
            if (im->at[DATE] == SIZE_MAX || im->at[AMOUNT] == SIZE_MAX)
                return cx_fail(cx, ST_INVALID, "payment.bad_bank_file",
                               "the first line must name a date and an amount");
        } else if (++im->row > BANK_ROWS_MAX) {
            return cx_fail(cx, ST_INVALID, "payment.bad_bank_file", "more than %d rows",
                           BANK_ROWS_MAX);
        } else {
            TRY(one(im, &row));
        }
    }
}

Status bank_import(Cx *cx, Str file, Str currency, BankImport *ret)
{
    Import                             im = {.cx = cx, .currency = currency, .ret = ret};
    CLEANUP(csv_reader_done) CsvReader r = {0};
    *ret = (BankImport){0};
    ret->problems.items = arena_array(cx->arena, BankProblem, PROBLEMS_MAX);
    if (file.len > BANK_FILE_MAX)
        return cx_fail(cx, ST_INVALID, "payment.bad_bank_file", "the file is too big");
    csv_reader_init(&r, &(CsvOptions){0});
    csv_feed(&r, decoded(cx, file), true);
    return rows(&im, &r);
}
