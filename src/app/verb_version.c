#include "app/verbs.h"
#include "app/version.h"
#include "base/json_write.h"

Status verb_version(Cli *cli, Err *err)
{
    (void)err;
    if (!cli_flag(cli, "json")) {
        fprintf(cli->out, "rapport %s\n", APP_VERSION);
        return ST_OK;
    }
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 4096);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    json_str(&j, "name", STR("rapport"));
    json_str(&j, "version", STR(APP_VERSION));
    json_end(&j);
    fprintf(cli->out, STR_FMT "\n", STR_ARG(buf_str(&b)));
    return ST_OK;
}
