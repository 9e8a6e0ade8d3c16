/* JSON Schema 2020-12, in the dialect of OpenAPI 3.1. */
#include "base/shape_index.h"

static void write_ref(Json *j, const char *name)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 512);
    buf_addf(&b, "#/components/schemas/%s", name);
    json_str(j, "$ref", buf_str(&b));
}

static void write_type(Json *j, const char *type, bool nullable)
{
    if (!nullable) {
        json_str(j, "type", str_from_cstr(type));
        return;
    }
    json_arr(j, "type");
    json_str(j, NULL, str_from_cstr(type));
    json_str(j, NULL, STR("null"));
    json_end(j);
}

/* A reference to a component; one that may be null is a choice. */
static void write_object_ref(Json *j, const char *name, bool nullable)
{
    if (!nullable) {
        write_ref(j, name);
        return;
    }
    json_arr(j, "anyOf");
    json_obj(j, NULL);
    write_ref(j, name);
    json_end(j);
    json_obj(j, NULL);
    json_str(j, "type", STR("null"));
    json_end(j);
    json_end(j);
}

static void write_enum_names(Json *j, const ShapeField *f, bool nullable)
{
    write_type(j, "string", nullable);
    json_arr(j, "enum");
    for (size_t i = 0; f->names[i] != NULL; i++)
        json_str(j, NULL, str_from_cstr(f->names[i]));
    if (nullable)
        json_null(j, NULL);
    json_end(j);
}

static void write_id(Json *j, const ShapeField *f, bool nullable)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 512);
    write_type(j, "string", nullable);
    buf_addf(&b, "^%s_[0-9A-Za-z]{13}$", f->prefix);
    json_str(j, "pattern", buf_str(&b));
}

static void write_text(Json *j, const ShapeField *f, ShapeLimits limits, bool nullable)
{
    write_type(j, "string", nullable);
    if (f->flags & (SHAPE_URL | SHAPE_EMAIL))
        json_str(j, "format", f->flags & SHAPE_URL ? STR("uri") : STR("email"));
    if (f->flags & SHAPE_HTML)
        json_str(j, "contentMediaType", STR("text/html"));
    if (limits.min > 0)
        json_i64(j, "minLength", limits.min);
    json_i64(j, "maxLength", limits.max);
}

static void write_limits(Json *j, ShapeLimits limits)
{
    if (limits.min != INT64_MIN)
        json_i64(j, "minimum", limits.min);
    if (limits.max != INT64_MAX)
        json_i64(j, "maximum", limits.max);
}

/* The keywords of one value of `kind`: a field, or an element of a list. */
static void write_kind(Json *j, const ShapeField *f, ShapeKind kind, bool item)
{
    bool        nullable = !item && shape_nullable(f);
    ShapeLimits limits = shape_limits(f, item);
    switch (kind) {
    case SHAPE_K_BOOL: write_type(j, "boolean", nullable); break;
    case SHAPE_K_INT:
        write_type(j, "integer", nullable);
        write_limits(j, limits);
        break;
    case SHAPE_K_REAL:
        write_type(j, "number", nullable);
        write_limits(j, limits);
        break;
    case SHAPE_K_TEXT: write_text(j, f, limits, nullable); break;
    case SHAPE_K_ID: write_id(j, f, nullable); break;
    case SHAPE_K_TIME:
        write_type(j, "string", nullable);
        json_str(j, "format", STR("date-time"));
        break;
    case SHAPE_K_MONEY: write_object_ref(j, "Money", nullable); break;
    case SHAPE_K_ENUM: write_enum_names(j, f, nullable); break;
    case SHAPE_K_OBJECT: write_object_ref(j, f->of->name, nullable); break;
    case SHAPE_K_JSON: break; /* any value */
    case SHAPE_K_LIST:
        write_type(j, "array", nullable);
        json_obj(j, "items");
        write_kind(j, f, f->item, true);
        json_end(j);
        if (limits.min > 0)
            json_i64(j, "minItems", limits.min);
        json_i64(j, "maxItems", limits.max);
        break;
    }
}

static void write_field(Json *j, const ShapeField *f)
{
    json_obj(j, f->name);
    write_kind(j, f, f->kind, false);
    if (f->doc != NULL)
        json_str(j, "description", str_from_cstr(f->doc));
    if (f->flags & SHAPE_READ_ONLY)
        json_bool(j, "readOnly", true);
    if (f->flags & SHAPE_WRITE_ONLY)
        json_bool(j, "writeOnly", true);
    if (f->example != NULL) {
        json_arr(j, "examples");
        json_raw(j, NULL, str_from_cstr(f->example));
        json_end(j);
    }
    json_end(j);
}

void shape_schema_mode(Json *j, const char *key, const Shape *shape, ShapeMode mode)
{
    bool patch = mode == SHAPE_PATCH, any = false;
    json_obj(j, key);
    json_str(j, "type", STR("object"));
    if (shape->doc != NULL)
        json_str(j, "description", str_from_cstr(shape->doc));
    json_obj(j, "properties");
    for (size_t i = 0; i < shape->n; i++)
        if (!patch || !(shape->fields[i].flags & SHAPE_READ_ONLY))
            write_field(j, &shape->fields[i]);
    json_end(j);
    for (size_t i = 0; !patch && i < shape->n; i++) {
        if (!(shape->fields[i].flags & (SHAPE_REQUIRED | SHAPE_READ_ONLY)))
            continue;
        if (!any)
            json_arr(j, "required");
        any = true;
        json_str(j, NULL, str_from_cstr(shape->fields[i].name));
    }
    if (any)
        json_end(j);
    json_bool(j, "additionalProperties", false);
    json_end(j);
}

void shape_schema(Json *j, const char *key, const Shape *shape)
{
    shape_schema_mode(j, key, shape, SHAPE_CREATE);
}

void shape_schema_money(Json *j, const char *key)
{
    json_obj(j, key);
    json_raw(j, "type", STR("\"object\""));
    json_str(j, "description", STR("An amount in minor units of an ISO 4217 currency."));
    json_raw(j, "properties",
             STR("{\"amount\":{\"type\":\"integer\",\"description\":\"In minor units: 1250 are "
                 "12.50 EUR, or 1250 JPY.\"},\"currency\":{\"type\":\"string\",\"pattern\":"
                 "\"^[A-Z]{3}$\"}}"));
    json_raw(j, "required", STR("[\"amount\",\"currency\"]"));
    json_bool(j, "additionalProperties", false);
    json_end(j);
}
