/* Conditions: any JSON compiles or is refused, and what compiles can be asked. */
#include "condition/condition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    Str              text = {(const char *)data, size};
    const JsonValue *pair;
    const Condition *c;
    Err              err;
    if (size > 4096 || json_parse(&a, text, &pair, &err) != ST_OK)
        return 0;
    const JsonValue *condition = json_get(pair, STR("condition"));
    const JsonValue *subject = json_get(pair, STR("subject"));
    if (!condition)
        return 0;
    bool strict = condition_compile(&a, condition, COND_STRICT, &c, &err) == ST_OK;
    bool lenient = condition_compile(&a, condition, COND_LENIENT, &c, &err) == ST_OK;
    ASSERT(!strict || lenient);
    if (lenient) {
        condition_holds(c, cond_json(subject), json_get(pair, STR("groups")), &a);
        condition_paths(c, &a);
    }
    return 0;
}
