#include "search/builder_int.h"

#include <math.h>

static Status check_value(const Schema *schema, const SearchDoc *d, const SearchValue *v, Err *err)
{
    const Field *f = v->field < schema_count(schema) ? schema_field(schema, v->field) : NULL;
    if (!f || f->text != NO_TEXT)
        return err_set(err, ST_INVALID, "search.document", "field %u takes no values", v->field);
    bool whole = v->group == SEARCH_WHOLE;
    if (!whole && (v->group < 0 || (size_t)v->group >= d->n_groups))
        return err_set(err, ST_INVALID, "search.document", "there is no group %d", (int)v->group);
    if (whole && f->def.grouped && d->n_groups > 0)
        return err_set(err, ST_INVALID, "search.document", STR_FMT " is of groups",
                       STR_ARG(f->def.name));
    if (!whole && !f->def.grouped)
        return err_set(err, ST_INVALID, "search.document", STR_FMT " is of the whole document",
                       STR_ARG(f->def.name));
    if (field_is_numeric(f) && isnan(v->number))
        return err_set(err, ST_INVALID, "search.document", STR_FMT " is not a number",
                       STR_ARG(f->def.name));
    if (f->def.kind == SEARCH_BOOL &&
        (v->number < 0 || v->number > 1 || (v->number > 0 && v->number < 1)))
        return err_set(err, ST_INVALID, "search.document", STR_FMT " is 0 or 1",
                       STR_ARG(f->def.name));
    return ST_OK;
}

Status builder_check(const Schema *schema, const SearchDoc *d, Err *err)
{
    if (d->n_groups > SEARCH_GROUPS_MAX || d->n_values > SEARCH_VALUES_MAX ||
        d->n_texts > SEARCH_TEXTS_MAX)
        return err_set(err, ST_LIMIT, "search.too_much", "too many groups, values or texts");
    for (size_t i = 0; i < d->n_texts; i++) {
        const SearchText *t = &d->texts[i];
        const Field *f = t->field < schema_count(schema) ? schema_field(schema, t->field) : NULL;
        if (!f || f->text == NO_TEXT)
            return err_set(err, ST_INVALID, "search.document", "field %u takes no texts", t->field);
    }
    for (size_t i = 0; i < d->n_values; i++)
        TRY(check_value(schema, d, &d->values[i], err));
    return ST_OK;
}
