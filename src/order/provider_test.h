/* provider_test.h - a provider that plays every outcome, for tests and for trying a shop out.
 *
 * What happens is chosen by the card number, in the field "card" (or its word):
 *
 *      4242 4242 4242 4242  success         captured (or authorised) at once
 *      4000 0000 0000 3220  three_d_secure  a page of ours asks the buyer first
 *      4000 0000 0000 0002  declined
 *      4000 0000 0000 9995  insufficient_funds
 *      4000 0000 0000 0069  expired_card
 *      4000 0000 0000 0127  incorrect_cvc
 *      4000 0000 0000 0119  processing_error
 *      4000 0000 0000 0077  delayed         decided after 5 s; a webhook tells
 *      4000 0000 0000 0085  duplicate       the same, and the webhook comes three times
 *      4000 0000 0000 0093  lost            3-D Secure; then neither return nor webhook
 *      4000 0000 0000 0101  unanswered      the money is taken, but the answer is lost
 *      4000 0000 0000 0135  voucher         a code to pay elsewhere within three days
 *      4000 0000 0000 0143  push            a QR code to confirm on another screen
 *      4000 0000 0000 5126  refund_fails    captured; refunds fail
 *      4000 0000 0000 0259  disputed        captured; taken back by the bank after 5 s
 *
 * The other side of it - what a real provider would know - is the table order_payment_test. */
#pragma once

#include "order/payment_int.h"

typedef struct PaymentTestPage { /* what its page shows */
    PaymentSession session;
    Str            scenario;
    bool           open; /* the buyer has not decided */
} PaymentTestPage;

/* The page of a session. ST_NOT_FOUND "payment.no_session" where there is none to show. */
NODISCARD Status payment_test_page(Cx *cx, Str token, PaymentTestPage *ret);

/* The buyer decides there. *ret_lost: show that the connection broke, and do not go back. */
NODISCARD Status payment_test_decide(Cx *cx, Str token, bool approve, bool *ret_lost);
