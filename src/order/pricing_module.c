/* Promotions and tax in the list of modules: their rows belong to the module order, and they have
 * permissions, settings, an event and reactions of their own. */
#include "order/pricing_module.h"

#include "order/pricing_int.h"

typedef struct PricingChanged {
    Str what; /* "promotion", "tax" */
} PricingChanged;

static const ShapeField CHANGED[] = {
    SHAPE_TEXT(PricingChanged, what, .doc = "promotion or tax."),
};
static const Shape changed_shape = SHAPE_OF(PricingChanged, "PricingChanged", CHANGED,
                                            .doc = "Promotions or taxes are other ones now.");

static const EventType EVENTS[] = {
    {"order.pricing_changed", 1, &changed_shape, "Promotions or taxes are other ones now."},
};

Status pricing_tell(Cx *cx, const char *what)
{
    const PricingChanged changed = {str_from_cstr(what)};
    return event_tell(cx, &EVENTS[0], 1, &changed);
}

Status pricing_check_rev(Cx *cx, int64_t wanted, int64_t is)
{
    if (wanted == 0 || wanted == is)
        return ST_OK;
    return cx_fail(cx, ST_STALE, "order.stale", "revision %lld is not the newest, %lld is",
                   (long long)wanted, (long long)is);
}

static const Permission PERMISSIONS[] = {
    {"pricing.read", "See promotions, their codes and taxes; ask what a cart would cost."},
    {"pricing.write", "Change promotions, codes, tax zones, rates and classes."},
};

static const Reaction REACTIONS[] = {
    {"pricing.renew", "order.pricing_changed", pricing_react, true},
    {"pricing.renew_setting", "core.setting_changed", pricing_react, true},
};

const Module pricing_module = {
    .name = "pricing",
    .events = EVENTS,
    .nevents = COUNT_OF(EVENTS),
    .reactions = REACTIONS,
    .nreactions = COUNT_OF(REACTIONS),
    .permissions = PERMISSIONS,
    .npermissions = COUNT_OF(PERMISSIONS),
    .settings = order_tax_settings,
    .nsettings = 1,
};
