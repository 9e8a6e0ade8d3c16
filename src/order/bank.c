/* Money on the shop's account: matched to the payments that wait for it. */
#include "order/bank.h"

#include "base/id.h"
#include "order/payment_int.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char LETTERS[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

enum { BODY = 8, BANK_REF_MAX = 140, TEXT_MAX = 1000 };

/* ISO 7064 MOD 97-10 of "BODY RF cc", letters as 10 to 35. */
static int mod97(const char *body, const char *check)
{
    char text[BODY + 5];
    int  rest = 0;
    snprintf(text, sizeof text, "%.8sRF%.2s", body, check);
    for (const char *p = text; *p != '\0'; p++) {
        int v = *p <= '9' ? *p - '0' : *p - 'A' + 10;
        rest = (rest * (v > 9 ? 100 : 10) + v) % 97;
    }
    return rest;
}

Str bank_reference(Arena *a, int64_t session_id)
{
    unsigned char hash[BODY];
    char         *out = arena_array(a, char, BANK_REFERENCE_LEN + 1);
    char          body[BODY + 1] = {0};
    crypto_generichash(hash, sizeof hash, (const unsigned char *)&session_id, sizeof session_id,
                       NULL, 0);
    for (size_t i = 0; i < BODY; i++)
        body[i] = LETTERS[hash[i] & 31];
    int check = 98 - mod97(body, "00");
    memcpy(out, "RF", 2);
    out[2] = (char)('0' + check / 10);
    out[3] = (char)('0' + check % 10);
    memcpy(out + 4, body, BODY);
    return (Str){out, BANK_REFERENCE_LEN};
}

static bool is_letter(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

Str bank_reference_find(Arena *a, Str text)
{
    char  *flat = arena_array(a, char, text.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        c = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        if (is_letter(c))
            flat[n++] = c;
    }
    for (size_t i = 0; i + BANK_REFERENCE_LEN <= n; i++) {
        const char *p = flat + i;
        if (p[0] == 'R' && p[1] == 'F' && p[2] >= '0' && p[2] <= '9' && p[3] >= '0' &&
            p[3] <= '9' && mod97(p + 4, p + 2) == 1)
            return (Str){p, BANK_REFERENCE_LEN};
    }
    return (Str){0};
}

/* --- receipts -------------------------------------------------------------------------------- */

static BankReceipt receipt_of(const OrderBankReceipt *r)
{
    return (BankReceipt){.id = r->id,
                         .bank_ref = r->bank_ref,
                         .amount = r->amount,
                         .text = r->text,
                         .payer = r->payer,
                         .received_at = r->received_ms,
                         .payment_id = r->payment_id,
                         .order_id = r->order_id,
                         .created_at = r->created_ms};
}

typedef struct Receive {
    const BankReceiptIn *in;
    OrderBankReceipt     row;
    int64_t              payment_id; /* staff say so */
    bool                 known;
} Receive;

static Status match_tx(Cx *cx, OrderBankReceipt *row, int64_t payment_id)
{
    OrderPayment p;
    PaymentTxn   txn;
    int64_t      changed;
    TRY(order_sql_payment_get(cx, payment_id, &p));
    if (!str_eq(p.currency, str_from_cstr(row->amount.cur)))
        return cx_fail(cx, ST_CONFLICT, "payment.other_currency",
                       "the payment is in " STR_FMT ", the money in %s", STR_ARG(p.currency),
                       row->amount.cur);
    TRY(order_sql_bank_receipt_match(cx, row->id, p.id, p.order_id, &changed));
    if (changed == 0)
        return cx_fail(cx, ST_CONFLICT, "payment.receipt_matched",
                       "this receipt belongs to a payment already");
    row->payment_id = opt_i64(p.id);
    row->order_id = opt_i64(p.order_id);
    return payment_received_tx(cx, p.id, row->amount.minor, id_format(cx->arena, "brc", row->id),
                               row->bank_ref, row->text, &txn);
}

static Status find_payment(Cx *cx, const OrderBankReceipt *row, int64_t *ret)
{
    OrderPaymentSession s;
    OrderPayment        p;
    bool                found = false;
    Str                 reference = bank_reference_find(cx->arena, row->text);
    *ret = 0;
    if (reference.len > 0)
        TRY(order_sql_payment_session_by_reference(cx, reference, &found, &s));
    if (found && strcmp(s.amount.cur, row->amount.cur) == 0)
        TRY(order_sql_payment_by_session(cx, s.id, &found, &p));
    else
        found = false;
    if (found)
        *ret = p.id;
    return ST_OK;
}

static Status receive_tx(Cx *cx, void *arg)
{
    Receive *r = arg;
    int64_t  added, payment_id = r->payment_id;
    bool     found;
    TRY(order_sql_bank_receipt_add(cx, &r->row, &added));
    r->known = added == 0;
    if (r->known)
        return order_sql_bank_receipt_by_ref(cx, r->row.bank_ref, &found, &r->row);
    if (payment_id == 0)
        TRY(find_payment(cx, &r->row, &payment_id));
    return payment_id != 0 ? match_tx(cx, &r->row, payment_id) : ST_OK;
}

static Status receive(Cx *cx, const BankReceiptIn *in, bool *ret_known, BankReceipt *ret)
{
    if (in->amount.minor <= 0 || money_absent(in->amount))
        return cx_fail(cx, ST_INVALID, "payment.amount", "no money was received");
    if (in->bank_ref.len == 0 || in->bank_ref.len > BANK_REF_MAX || in->text.len > TEXT_MAX ||
        in->payer.len > TEXT_MAX)
        return cx_fail(cx, ST_INVALID, "payment.bad_input",
                       "a receipt has a name of the bank's and short texts");
    Receive r = {.payment_id = in->payment_id.has ? in->payment_id.v : 0,
                 .row = {.id = id_new(),
                         .bank_ref = in->bank_ref,
                         .amount = in->amount,
                         .text = in->text.ptr != NULL ? in->text : STR(""),
                         .payer = in->payer.ptr != NULL ? in->payer : STR(""),
                         .received_ms = in->received_at.v != 0 ? in->received_at : cx->now,
                         .created_ms = cx->now}};
    TRY(cx_in_tx(cx, receive_tx, &r));
    *ret_known = r.known;
    *ret = receipt_of(&r.row);
    return ST_OK;
}

Status bank_receive(Cx *cx, const BankReceiptIn *in, BankReceipt *ret)
{
    bool known;
    return receive(cx, in, &known, ret);
}

typedef struct Match {
    int64_t          receipt_id, payment_id;
    OrderBankReceipt row;
} Match;

static Status match_by_staff_tx(Cx *cx, void *arg)
{
    Match *m = arg;
    TRY(order_sql_bank_receipt_get(cx, m->receipt_id, &m->row));
    return match_tx(cx, &m->row, m->payment_id);
}

Status bank_match(Cx *cx, int64_t receipt_id, int64_t payment_id, BankReceipt *ret)
{
    Match m = {.receipt_id = receipt_id, .payment_id = payment_id};
    TRY(cx_in_tx(cx, match_by_staff_tx, &m));
    *ret = receipt_of(&m.row);
    return ST_OK;
}

Status bank_receipt_list(Cx *cx, bool open, int64_t from, bool backwards, int64_t max,
                         BankReceiptList *ret)
{
    OrderBankReceiptList rows;
    if (open)
        TRY(order_sql_bank_receipt_open(cx, from == 0 ? INT64_MAX : from, max, &rows));
    else if (backwards)
        TRY(order_sql_bank_receipt_page_back(cx, from, max, &rows));
    else
        TRY(order_sql_bank_receipt_page(cx, from == 0 ? INT64_MAX : from, max, &rows));
    BankReceiptList list = {.items = arena_array(cx->arena, BankReceipt, rows.n + 1), .n = rows.n};
    for (size_t i = 0; i < rows.n; i++)
        list.items[i] = receipt_of(&rows.items[i]);
    *ret = list;
    return ST_OK;
}

/* For bank_import.c. */
Status bank_receive_row(Cx *cx, const BankReceiptIn *in, bool *ret_known, BankReceipt *ret)
{
    return receive(cx, in, ret_known, ret);
}
