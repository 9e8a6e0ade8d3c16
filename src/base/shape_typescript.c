/* TypeScript interfaces of what replies and bodies hold. */
#include "base/shape_index.h"

#include <string.h>

static void add_doc(Buf *b, const char *indent, const char *doc)
{
    if (doc == NULL)
        return;
    buf_addf(b, "%s/** ", indent);
    for (const char *p = doc; *p != '\0'; p++) { /* the text must not end the comment */
        buf_addc(b, *p);
        if (*p == '*' && p[1] == '/')
            buf_addc(b, ' ');
    }
    buf_add(b, STR(" */\n"));
}

/* A property's name, quoted where it is no identifier. */
static void add_name(Buf *b, const char *name)
{
    bool plain = *name < '0' || *name > '9';
    for (const char *p = name; *p != '\0'; p++)
        plain = plain && (*p == '_' || *p == '$' || (*p >= '0' && *p <= '9') ||
                          ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z'));
    buf_addf(b, plain ? "%s" : "\"%s\"", name);
}

static void add_names(Buf *b, const ShapeField *f)
{
    for (size_t i = 0; f->names[i] != NULL; i++)
        buf_addf(b, "%s\"%s\"", i > 0 ? " | " : "", f->names[i]);
}

static void add_type(Buf *b, const ShapeField *f, ShapeKind kind, bool input)
{
    switch (kind) {
    case SHAPE_K_BOOL: buf_add(b, STR("boolean")); break;
    case SHAPE_K_INT:
    case SHAPE_K_REAL: buf_add(b, STR("number")); break;
    case SHAPE_K_TEXT:
    case SHAPE_K_ID:
    case SHAPE_K_TIME: buf_add(b, STR("string")); break;
    case SHAPE_K_MONEY: buf_add(b, STR("Money")); break;
    case SHAPE_K_ENUM: add_names(b, f); break;
    case SHAPE_K_JSON: buf_add(b, STR("unknown")); break;
    case SHAPE_K_OBJECT: buf_addf(b, "%s%s", f->of->name, input ? "Input" : ""); break;
    case SHAPE_K_LIST:
        if (f->item == SHAPE_K_ENUM)
            buf_addc(b, '(');
        add_type(b, f, f->item, input);
        buf_add(b, f->item == SHAPE_K_ENUM ? STR(")[]") : STR("[]"));
        break;
    }
}

void shape_typescript(Buf *b, const Shape *shape, bool input)
{
    unsigned unseen = input ? SHAPE_READ_ONLY : SHAPE_WRITE_ONLY;
    add_doc(b, "", shape->doc);
    buf_addf(b, "export interface %s%s {\n", shape->name, input ? "Input" : "");
    for (size_t i = 0; i < shape->n; i++) {
        const ShapeField *f = &shape->fields[i];
        if (f->flags & unseen)
            continue;
        add_doc(b, "  ", f->doc);
        buf_add(b, STR("  "));
        if (!input && (f->flags & SHAPE_READ_ONLY))
            buf_add(b, STR("readonly "));
        add_name(b, f->name);
        buf_add(b, input && !(f->flags & SHAPE_REQUIRED) ? STR("?: ") : STR(": "));
        add_type(b, f, f->kind, input);
        buf_add(b, shape_nullable(f) ? STR(" | null;\n") : STR(";\n"));
    }
    buf_add(b, STR("}\n"));
}

void shape_typescript_money(Buf *b)
{
    buf_add(b, STR("/** An amount in minor units of an ISO 4217 currency. */\n"
                   "export interface Money {\n"
                   "  amount: number;\n"
                   "  currency: string;\n"
                   "}\n"));
}
