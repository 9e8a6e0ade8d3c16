/* setting.h - settings: one struct each, described by a shape, kept as a row.
 *
 *      static const ShopGeneral DEFAULTS = {.name = STR_INIT("My shop")};
 *      const Setting shop_general = {"shop.general", &shop_general_shape, &DEFAULTS};
 *
 *      ShopGeneral general;
 *      TRY(setting_get(cx, &shop_general, &general, NULL));
 *
 * A module lists its settings in its table (module.h), which is what forms are made from.
 * A field that the row lacks, or whose value the shape does not take any more, has its
 * default; one that the program does not know any more is ignored. Secrets (top-level texts
 * with SHAPE_WRITE_ONLY) are kept apart and never reach a reply or the audit log.
 *
 * A change tells "core.setting_changed", so that what is kept in memory can be renewed. */
#pragma once

#include "core/event.h"

enum { SETTING_MAX = 256 * 1024 };

typedef struct Setting {
    const char  *name; /* "shop.general" */
    const Shape *shape;
    const void  *defaults; /* a struct of shape */
} Setting;

/* *ret is a struct of setting->shape; its texts live in cx->arena, or in the defaults.
 * *ret_version (may be NULL) is 0 while nobody has changed it. */
NODISCARD Status setting_get(Cx *cx, const Setting *setting, void *ret, int64_t *ret_version);

/* The same without a look at the database where this process knows it already: it may be some
 * milliseconds old, after a change that another process made, or one of this process that is part
 * of a larger transaction. *ret lives in cx->arena. */
NODISCARD Status setting_kept(Cx *cx, const Setting *setting, void *ret);

/* Replace it, if it is still at `version`: otherwise ST_STALE "core.setting_stale". *value
 * has been checked by shape_read(). A secret that is absent (ptr NULL) keeps its value, an
 * empty one is deleted. Recorded in the audit log. ST_LIMIT "core.setting_too_big". */
NODISCARD Status setting_put(Cx *cx, const Setting *setting, int64_t version, const void *value,
                             int64_t *ret_version);

typedef struct SettingChanged { /* payload of "core.setting_changed" */
    Str     name;
    int64_t version;
} SettingChanged;

extern const EventType core_setting_changed;
