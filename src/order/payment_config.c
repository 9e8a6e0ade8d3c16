/* The settings of the ways to pay, and a snapshot of them in memory. */
#include "order/payment_int.h"
#include "order/payment_module.h"

#include "core/core.h"

#include <pthread.h>

#define RULE_FIELDS(T)                                                                             \
    SHAPE_TEXT(T, countries, .max = 1000, .flags = SHAPE_LINE,                                     \
               .doc = "Of delivery, as \"NL BE\"; empty: all."),                                   \
        SHAPE_TEXT(T, currencies, .max = 200, .flags = SHAPE_LINE, .doc = "\"EUR\"; empty: all."), \
        SHAPE_INT(T, min_amount, .min = 0, .max = SHAPE_INT_MAX,                                   \
                  .doc = "In minor units; 0: no limit."),                                          \
        SHAPE_INT(T, max_amount, .min = 0, .max = SHAPE_INT_MAX,                                   \
                  .doc = "In minor units; 0: no limit.")

#define RULE_DEFAULTS .countries = STR_INIT(""), .currencies = STR_INIT("")

static const ShapeField STRIPE_FIELDS[] = {
    SHAPE_BOOL(PaymentStripeConfig, on),
    RULE_FIELDS(PaymentStripeConfig),
    SHAPE_BOOL(PaymentStripeConfig, later,
               .doc =
                   "Only authorise when the order is placed; capture it by hand or on dispatch."),
    SHAPE_TEXT(PaymentStripeConfig, secret_key, .max = 255, .flags = SHAPE_WRITE_ONLY,
               .doc = "sk_test_… takes no real money, sk_live_… does."),
    SHAPE_TEXT(PaymentStripeConfig, webhook_secret, .max = 255, .flags = SHAPE_WRITE_ONLY,
               .doc = "whsec_… of the endpoint /pay/webhooks/stripe."),
    SHAPE_TEXT(PaymentStripeConfig, webhook_secret_old, .max = 255, .flags = SHAPE_WRITE_ONLY,
               .doc = "The one before, as long as Stripe signs with both."),
    SHAPE_TEXT(PaymentStripeConfig, api_base, .max = 255, .flags = SHAPE_LINE | SHAPE_URL,
               .doc = "https://api.stripe.com; another one is for tests."),
    SHAPE_TEXT(PaymentStripeConfig, descriptor, .max = 22, .flags = SHAPE_LINE,
               .doc = "On card statements, behind the shop's name."),
};
const Shape payment_stripe_shape = SHAPE_OF(PaymentStripeConfig, "PaymentStripe", STRIPE_FIELDS,
                                            .doc = "Cards and more by Stripe.");
const PaymentStripeConfig payment_stripe_defaults = {
    .api_base = STR_INIT("https://api.stripe.com"), .descriptor = STR_INIT(""), RULE_DEFAULTS};

static const ShapeField BANK_FIELDS[] = {
    SHAPE_BOOL(PaymentBankConfig, on),
    RULE_FIELDS(PaymentBankConfig),
    SHAPE_TEXT(PaymentBankConfig, holder, .max = 140, .flags = SHAPE_LINE,
               .doc = "Of the account, as the bank knows it."),
    SHAPE_TEXT(PaymentBankConfig, iban, .max = 42, .flags = SHAPE_LINE),
    SHAPE_TEXT(PaymentBankConfig, bic, .max = 11, .flags = SHAPE_LINE),
    SHAPE_TEXT(PaymentBankConfig, bank, .max = 140, .flags = SHAPE_LINE),
    SHAPE_INT(PaymentBankConfig, days, .min = 1, .max = 90,
              .doc = "After so many days without money the payment is given up."),
};
const Shape             payment_bank_shape = SHAPE_OF(PaymentBankConfig, "PaymentBank", BANK_FIELDS,
                                                      .doc = "Transfers to the shop's bank account.");
const PaymentBankConfig payment_bank_defaults = {.holder = STR_INIT(""),
                                                 .iban = STR_INIT(""),
                                                 .bic = STR_INIT(""),
                                                 .bank = STR_INIT(""),
                                                 .days = 14,
                                                 RULE_DEFAULTS};

static const ShapeField CASH_FIELDS[] = {
    SHAPE_BOOL(PaymentCashConfig, on),
    RULE_FIELDS(PaymentCashConfig),
    SHAPE_INT(PaymentCashConfig, fee, .min = 0, .max = SHAPE_INT_MAX,
              .doc = "Added to the order, in minor units of its currency."),
};
const Shape payment_cash_shape = SHAPE_OF(PaymentCashConfig, "PaymentOnDelivery", CASH_FIELDS,
                                          .doc = "Cash or card at the door.");
const PaymentCashConfig payment_cash_defaults = {RULE_DEFAULTS};

static const ShapeField SHOP_FIELDS[] = {
    SHAPE_BOOL(PaymentShopConfig, on),
    RULE_FIELDS(PaymentShopConfig),
};
const Shape payment_shop_shape = SHAPE_OF(PaymentShopConfig, "PaymentInShop", SHOP_FIELDS,
                                          .doc = "Pay where the goods are fetched.");
const PaymentShopConfig payment_shop_defaults = {RULE_DEFAULTS};

static const ShapeField TEST_FIELDS[] = {
    SHAPE_BOOL(PaymentTestConfig, on, .doc = "Anybody can place orders without paying."),
    RULE_FIELDS(PaymentTestConfig),
};
const Shape             payment_test_shape = SHAPE_OF(PaymentTestConfig, "PaymentTest", TEST_FIELDS,
                                                      .doc = "Plays every outcome without real money.");
const PaymentTestConfig payment_test_defaults = {RULE_DEFAULTS};

static const ShapeField GUARD_FIELDS[] = {
    SHAPE_BOOL(PaymentGuardConfig, on),
    SHAPE_INT(PaymentGuardConfig, challenge_after, .min = 1, .max = 1000,
              .doc = "Failures of an address or a cart in an hour: then a page that takes time."),
    SHAPE_INT(PaymentGuardConfig, refuse_after, .min = 1, .max = 10000,
              .doc = "So many: no more attempts in this hour."),
    SHAPE_INT(PaymentGuardConfig, card_refuse_after, .min = 1, .max = 10000,
              .doc = "Failures of one card in a day: no more attempts with it."),
};
const Shape payment_guard_shape = SHAPE_OF(PaymentGuardConfig, "PaymentGuard", GUARD_FIELDS,
                                           .doc = "Against those who try stolen cards.");
const PaymentGuardConfig payment_guard_defaults = {
    .on = true, .challenge_after = 4, .refuse_after = 30, .card_refuse_after = 10};

enum { S_STRIPE, S_BANK, S_CASH, S_SHOP, S_TEST, S_GUARD };

static const Setting SETTINGS[PAYMENT_SETTINGS] = {PAYMENT_SETTING_LINES};

/* --- in memory ------------------------------------------------------------------------------- */

typedef struct Kept { /* what is known for one Core, until a setting changes */
    Arena         arena;
    PaymentConfig config;
    int           refs; /* under the lock */
} Kept;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Kept           *kept;       /* holds one reference */
static int64_t         kept_of;    /* core_id() */
static uint64_t        generation; /* grows when a setting changes */

static void kept_unref(Kept *k)
{
    if (k != NULL && --k->refs == 0) {
        arena_done(&k->arena);
        free(k);
    }
}

static void kept_release(void *arg)
{
    pthread_mutex_lock(&lock);
    kept_unref(arg);
    pthread_mutex_unlock(&lock);
}

static Status load(Cx *cx, PaymentConfig *c)
{
    TRY(setting_get(cx, &SETTINGS[S_STRIPE], &c->stripe, NULL));
    TRY(setting_get(cx, &SETTINGS[S_BANK], &c->bank, NULL));
    TRY(setting_get(cx, &SETTINGS[S_CASH], &c->cash, NULL));
    TRY(setting_get(cx, &SETTINGS[S_SHOP], &c->shop, NULL));
    TRY(setting_get(cx, &SETTINGS[S_TEST], &c->test, NULL));
    return setting_get(cx, &SETTINGS[S_GUARD], &c->guard, NULL);
}

static Kept *keep(const PaymentConfig *c)
{
    Kept *k = calloc(1, sizeof *k);
    if (k == NULL)
        base_out_of_memory(sizeof *k);
    arena_init(&k->arena, 2048);
    shape_copy(&payment_stripe_shape, &k->arena, &k->config.stripe, &c->stripe);
    shape_copy(&payment_bank_shape, &k->arena, &k->config.bank, &c->bank);
    shape_copy(&payment_cash_shape, &k->arena, &k->config.cash, &c->cash);
    shape_copy(&payment_shop_shape, &k->arena, &k->config.shop, &c->shop);
    shape_copy(&payment_test_shape, &k->arena, &k->config.test, &c->test);
    k->config.guard = c->guard;
    k->refs = 1;
    return k;
}

Status payment_config(Cx *cx, const PaymentConfig **ret)
{
    pthread_mutex_lock(&lock);
    Kept    *k = cx->core != NULL && kept_of == core_id(cx->core) ? kept : NULL;
    uint64_t before = generation;
    if (k != NULL)
        k->refs++;
    pthread_mutex_unlock(&lock);
    if (k != NULL) {
        arena_defer(cx->arena, kept_release, k);
        *ret = &k->config;
        return ST_OK;
    }
    PaymentConfig *c = arena_new(cx->arena, PaymentConfig);
    TRY(load(cx, c));
    *ret = c;
    if (cx->core == NULL || cx->tx_depth > 0)
        return ST_OK;
    k = keep(c);
    pthread_mutex_lock(&lock);
    if (generation == before) { /* nothing changed while it was read */
        kept_unref(kept);
        kept = k;
        kept_of = core_id(cx->core);
    } else {
        kept_unref(k);
    }
    pthread_mutex_unlock(&lock);
    return ST_OK;
}

Status payment_config_changed(Cx *cx, const Event *event)
{
    (void)cx, (void)event;
    pthread_mutex_lock(&lock);
    generation++;
    kept_unref(kept);
    kept = NULL;
    kept_of = 0;
    pthread_mutex_unlock(&lock);
    return ST_OK;
}

/* --- rules ----------------------------------------------------------------------------------- */

static bool lists(Str list, Str word)
{
    for (Str rest = list, one; rest.len > 0;) {
        str_cut(rest, ' ', &one, &rest);
        if (str_eq(one, word))
            return true;
    }
    return false;
}

bool payment_rule_fits(const PaymentRule *rule, const PaymentWayAsk *ask)
{
    Str currency = str_from_cstr(ask->amount.cur);
    return rule->on && (str_trim(rule->currencies).len == 0 || lists(rule->currencies, currency)) &&
           (str_trim(rule->countries).len == 0 || lists(rule->countries, ask->country)) &&
           ask->amount.minor >= rule->min_amount &&
           (rule->max_amount == 0 || ask->amount.minor <= rule->max_amount);
}
