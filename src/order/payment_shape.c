/* How payments are written: names, shapes, structs from rows. */
#include "order/payment_int.h"

const char *const payment_flow_names[] = {"sync", "redirect", "push", "voucher", "deferred", NULL};
const char *const payment_status_names[] = {"created", "action",     "waiting",
                                            "pending", "authorized", "captured",
                                            "failed",  "cancelled",  NULL};
const char *const payment_kind_names[] = {"authorize", "capture",     "refund", "void",
                                          "dispute",   "dispute_won", NULL};
const char *const payment_txn_status_names[] = {"pending", "done", "failed", NULL};

bool payment_places(int status)
{
    return status == PAYMENT_PENDING || status == PAYMENT_AUTHORIZED || status == PAYMENT_CAPTURED;
}

bool payment_is_over(int status)
{
    return status >= PAYMENT_CAPTURED;
}

static const ShapeField SESSION_FIELDS[] = {
    SHAPE_ID(PaymentSession, id, "pse"),
    SHAPE_ID(PaymentSession, cart_id, "crt", .doc = "0 where there was none."),
    SHAPE_ID(PaymentSession, order_id, "ord", .doc = "0 as long as there is none."),
    SHAPE_TEXT(PaymentSession, provider),
    SHAPE_ENUM(PaymentSession, flow, payment_flow_names),
    SHAPE_ENUM(PaymentSession, status, payment_status_names),
    SHAPE_BOOL(PaymentSession, test, .doc = "No real money."),
    SHAPE_MONEY(PaymentSession, amount),
    SHAPE_TEXT(PaymentSession, ref, .doc = "The provider's name for it."),
    SHAPE_TEXT(PaymentSession, reference, .doc = "What the buyer writes on a transfer."),
    SHAPE_TEXT(PaymentSession, code, .doc = "Why it failed: a stable word."),
    SHAPE_TEXT(PaymentSession, problem, .doc = "The same in the provider's words."),
    SHAPE_INT(PaymentSession, tries, .doc = "Calls to the provider."),
    SHAPE_TIME(PaymentSession, created_at),
    SHAPE_TIME(PaymentSession, updated_at),
    SHAPE_TIME(PaymentSession, expires_at),
};
const Shape payment_session_shape = SHAPE_OF(PaymentSession, "PaymentSession", SESSION_FIELDS,
                                             .doc = "One attempt to collect an amount.");

static const ShapeField PAYMENT_FIELDS[] = {
    SHAPE_ID(Payment, id, "pay"),
    SHAPE_ID(Payment, session_id, "pse"),
    SHAPE_ID(Payment, order_id, "ord"),
    SHAPE_TEXT(Payment, provider),
    SHAPE_BOOL(Payment, test, .doc = "No real money."),
    SHAPE_ENUM(Payment, status, payment_status_names),
    SHAPE_TEXT(Payment, ref, .doc = "The provider's name for it."),
    SHAPE_TEXT(Payment, currency),
    SHAPE_INT(Payment, amount, .doc = "Asked for; this and what follows in minor units."),
    SHAPE_INT(Payment, authorized, .doc = "Held for us, captured since or not."),
    SHAPE_INT(Payment, captured, .doc = "Received, whatever was given back since."),
    SHAPE_INT(Payment, refunded, .doc = "Given back."),
    SHAPE_INT(Payment, refunding, .doc = "Being given back."),
    SHAPE_INT(Payment, voided, .doc = "Held and let go."),
    SHAPE_INT(Payment, disputed, .doc = "Taken back by the buyer's bank."),
    SHAPE_TEXT(Payment, method, .doc = "card, ideal, bank_transfer, cash …"),
    SHAPE_TEXT(Payment, brand),
    SHAPE_TEXT(Payment, last4),
    SHAPE_TEXT(Payment, reference, .doc = "What the buyer writes on a transfer."),
    SHAPE_INT(Payment, rev),
    SHAPE_TIME(Payment, created_at),
    SHAPE_TIME(Payment, updated_at),
};
const Shape payment_shape =
    SHAPE_OF(Payment, "Payment", PAYMENT_FIELDS, .doc = "What came of an attempt to collect.");

static const ShapeField TXN_FIELDS[] = {
    SHAPE_ID(PaymentTxn, id, "ptx"),
    SHAPE_ID(PaymentTxn, payment_id, "pay"),
    SHAPE_ID(PaymentTxn, order_id, "ord"),
    SHAPE_ENUM(PaymentTxn, kind, payment_kind_names),
    SHAPE_ENUM(PaymentTxn, status, payment_txn_status_names),
    SHAPE_MONEY(PaymentTxn, amount),
    SHAPE_TEXT(PaymentTxn, provider),
    SHAPE_TEXT(PaymentTxn, ref, .doc = "The provider's name for it."),
    SHAPE_TEXT(PaymentTxn, reason),
    SHAPE_TEXT(PaymentTxn, problem),
    SHAPE_TEXT(PaymentTxn, actor, .doc = "Who asked for it."),
    SHAPE_INT(PaymentTxn, granted, .doc = "Of a refund: what is never owed again."),
    SHAPE_TIME(PaymentTxn, created_at),
    SHAPE_TIME(PaymentTxn, updated_at),
};
const Shape payment_txn_shape =
    SHAPE_OF(PaymentTxn, "PaymentTransaction", TXN_FIELDS, .doc = "One movement of a payment.");

static const ShapeField WAY_FIELDS[] = {
    SHAPE_TEXT(PaymentWay, provider),
    SHAPE_TEXT(PaymentWay, name),
    SHAPE_TEXT(PaymentWay, hint),
    SHAPE_ENUM(PaymentWay, flow, payment_flow_names),
    SHAPE_BOOL(PaymentWay, test, .doc = "No real money: say so to the buyer."),
    SHAPE_BOOL(PaymentWay, can_save),
    SHAPE_MONEY(PaymentWay, fee, .flags = SHAPE_NULLABLE, .doc = "What this way costs."),
    SHAPE_JSON(PaymentWay, fields, .doc = "What the buyer is asked: name, label, placeholder."),
};
const Shape payment_way_shape =
    SHAPE_OF(PaymentWay, "PaymentWay", WAY_FIELDS, .doc = "A way to pay that fits a cart.");

static const ShapeField METHOD_FIELDS[] = {
    SHAPE_ID(PaymentMethod, id, "pmt"),    SHAPE_TEXT(PaymentMethod, provider),
    SHAPE_TEXT(PaymentMethod, brand),      SHAPE_TEXT(PaymentMethod, last4),
    SHAPE_INT(PaymentMethod, exp_month),   SHAPE_INT(PaymentMethod, exp_year),
    SHAPE_TIME(PaymentMethod, created_at),
};
const Shape payment_method_shape = SHAPE_OF(PaymentMethod, "PaymentMethod", METHOD_FIELDS,
                                            .doc = "A method that a customer let be kept.");

static const ShapeField RECEIPT_FIELDS[] = {
    SHAPE_ID(BankReceipt, id, "brc"),
    SHAPE_TEXT(BankReceipt, bank_ref, .doc = "The bank's own name for it."),
    SHAPE_MONEY(BankReceipt, amount),
    SHAPE_TEXT(BankReceipt, text, .doc = "What the payer wrote."),
    SHAPE_TEXT(BankReceipt, payer),
    SHAPE_TIME(BankReceipt, received_at),
    SHAPE_ID(BankReceipt, payment_id, "pay", .doc = "null: no payment was found for it."),
    SHAPE_ID(BankReceipt, order_id, "ord"),
    SHAPE_TIME(BankReceipt, created_at),
};
const Shape bank_receipt_shape = SHAPE_OF(BankReceipt, "BankReceipt", RECEIPT_FIELDS,
                                          .doc = "Money received on the shop's account.");

PaymentSession payment_session_of(const OrderPaymentSession *r)
{
    return (PaymentSession){.id = r->id,
                            .cart_id = r->cart_id,
                            .order_id = r->order_id,
                            .provider = r->provider,
                            .flow = r->flow,
                            .status = r->status,
                            .test = r->test,
                            .amount = r->amount,
                            .later = r->later,
                            .token = r->token,
                            .ref = r->ref.ptr != NULL ? r->ref : STR(""),
                            .reference = r->reference,
                            .number = r->number,
                            .input = r->input,
                            .next = r->next,
                            .return_url = r->return_url,
                            .base_url = r->base_url,
                            .email = r->email,
                            .country = r->country,
                            .locale = r->locale,
                            .net = r->net,
                            .account_id = r->account_id,
                            .method_id = r->method_id,
                            .save_method = r->save_method,
                            .code = r->code,
                            .problem = r->problem,
                            .tries = r->tries,
                            .created_at = r->created_ms,
                            .updated_at = r->updated_ms,
                            .expires_at = r->expires_ms};
}

Payment payment_of(const OrderPayment *r)
{
    return (Payment){.id = r->id,
                     .session_id = r->session_id,
                     .cart_id = r->cart_id,
                     .order_id = r->order_id,
                     .provider = r->provider,
                     .test = r->test,
                     .status = r->status,
                     .ref = r->ref,
                     .currency = r->currency,
                     .amount = r->amount,
                     .authorized = r->authorized,
                     .captured = r->captured,
                     .refunded = r->refunded,
                     .refunding = r->refunding,
                     .voided = r->voided,
                     .disputed = r->disputed,
                     .method = r->method,
                     .brand = r->brand,
                     .last4 = r->last4,
                     .reference = r->reference,
                     .rev = r->rev,
                     .created_at = r->created_ms,
                     .updated_at = r->updated_ms};
}

PaymentTxn payment_txn_of(const OrderPaymentTxn *r)
{
    return (PaymentTxn){.id = r->id,
                        .payment_id = r->payment_id,
                        .order_id = r->order_id,
                        .kind = r->kind,
                        .status = r->status,
                        .amount = r->amount,
                        .provider = r->provider,
                        .ref = r->ref.ptr != NULL ? r->ref : STR(""),
                        .reason = r->reason,
                        .problem = r->problem,
                        .actor = r->actor,
                        .granted = r->granted,
                        .created_at = r->created_ms,
                        .updated_at = r->updated_ms};
}
