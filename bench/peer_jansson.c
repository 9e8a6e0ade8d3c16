/* jansson reads a text into a tree and frees it. */
#include <jansson.h>

void peer_jansson(const char *text, size_t len);

void peer_jansson(const char *text, size_t len)
{
    json_error_t error;
    json_t      *v = json_loadb(text, len, 0, &error);
    if (v == NULL)
        abort();
    json_decref(v);
}
