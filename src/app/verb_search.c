/* `rapport search`: what shoppers would find. */
#include "app/app.h"
#include "app/verbs.h"
#include "base/json_write.h"
#include "catalog/product_search.h"

#include <stdio.h>

enum { HITS = 10, HITS_MAX = 100 };

const CliOption SEARCH_OPTIONS[] = {
    {"limit", "NUMBER", "10", NULL, "hits to show, at most 100"},
    {"locale", "TAG", NULL, NULL, "language of the words; the shop's unless given"},
    {"explain", NULL, NULL, NULL, "say what each score is made of"},
    {"json", NULL, NULL, NULL, "write JSON for other programs to read"},
    {0},
};

typedef struct Shown {
    const Published           *view;
    const SearchResult        *r;
    Str                        locale;
    const ProductSearchAnswer *answer;
} Shown;

static Str title_of(Cx *cx, const Shown *s, int64_t id)
{
    const PublishedProduct *p;
    if (published_product(cx, s->view, id, &p) != ST_OK)
        return STR("");
    return published_text(p->texts, id, STR("title"), s->locale, p->product.title);
}

static Str handle_of(const Shown *s, int64_t id)
{
    const PublishedHead *head = published_head(s->view, id);
    return head != NULL ? head->handle : STR("");
}

static const char *const PARTS[] = {"word", "proximity", "exact", "signal", "rule"};

static void print_hit(Cli *cli, Cx *cx, const Shown *s, const SearchHit *hit)
{
    fprintf(cli->out, "%8.3f  " STR_FMT "  (" STR_FMT ")\n", (double)hit->score,
            STR_ARG(title_of(cx, s, hit->id)), STR_ARG(handle_of(s, hit->id)));
    if (hit->pinned || hit->buried)
        fprintf(cli->out, "            %s\n",
                hit->pinned ? "pinned to this place" : "buried below all others");
    for (size_t i = 0; i < hit->n_parts; i++) {
        const SearchPart *p = &hit->parts[i];
        bool              word = p->kind == SEARCH_PART_WORD;
        bool              field = word || p->kind == SEARCH_PART_SIGNAL;
        bool              rule = p->kind == SEARCH_PART_RULE;
        Str               what = rule ? product_search_rule(cx, s->answer, p->word) : p->what;
        fprintf(cli->out, "  %+8.3f  %s%s" STR_FMT "%s" STR_FMT "\n", (double)p->value,
                PARTS[p->kind], what.len > 0 ? " " : "", STR_ARG(what),
                word    ? " in "
                : field ? " "
                        : "",
                STR_ARG(field ? product_search_field(cx, p->field) : STR("")));
    }
    for (size_t i = 0; i < s->r->n_words && i < 32; i++)
        if ((hit->missing >> i & 1) != 0)
            fprintf(cli->out, "            without \"" STR_FMT "\"\n",
                    STR_ARG(s->r->words[i].text));
}

static void print_plain(Cli *cli, Cx *cx, const Shown *s)
{
    const SearchResult *r = s->r;
    if (s->answer->redirect.len > 0)
        fprintf(cli->out, "Leads to " STR_FMT ".\n", STR_ARG(s->answer->redirect));
    if (r->corrected.len > 0)
        fprintf(cli->out, "Taken for \"" STR_FMT "\".\n", STR_ARG(r->corrected));
    for (size_t i = 0; i < r->n_hits; i++)
        print_hit(cli, cx, s, &r->hits[i]);
    fprintf(cli->out, "%lld product%s%s.\n", (long long)r->total, r->total == 1 ? "" : "s",
            r->relaxed ? "; none has all the words" : "");
}

static void json_hit(Json *j, Cx *cx, const Shown *s, const SearchHit *hit)
{
    json_obj(j, NULL);
    json_str(j, "handle", handle_of(s, hit->id));
    json_str(j, "title", title_of(cx, s, hit->id));
    json_real(j, "score", (double)hit->score);
    json_bool(j, "pinned", hit->pinned);
    json_bool(j, "buried", hit->buried);
    json_arr(j, "parts");
    for (size_t i = 0; i < hit->n_parts; i++) {
        json_obj(j, NULL);
        json_str(j, "of", str_from_cstr(PARTS[hit->parts[i].kind]));
        json_str(j, "what", hit->parts[i].what);
        json_real(j, "value", (double)hit->parts[i].value);
        json_end(j);
    }
    json_end(j);
    json_end(j);
}

static void print_json(Cli *cli, Cx *cx, const Shown *s)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 4 << 20);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    json_i64(&j, "total", s->r->total);
    json_str(&j, "corrected", s->r->corrected);
    json_str(&j, "redirect", s->answer->redirect);
    json_bool(&j, "relaxed", s->r->relaxed);
    json_arr(&j, "hits");
    for (size_t i = 0; i < s->r->n_hits; i++)
        json_hit(&j, cx, s, &s->r->hits[i]);
    json_end(&j);
    json_end(&j);
    fprintf(cli->out, STR_FMT "\n", STR_ARG(buf_str(&b)));
}

static Status ask(Cli *cli, Cx *cx)
{
    ProductSearchAnswer a;
    int64_t             limit;
    ProductSearchAsk    q = {.text = cli->arguments[0],
                             .locale = cli_text(cli, "locale"),
                             .explain = cli_flag(cli, "explain")};
    Shown               s = {.r = &a.result, .answer = &a};
    TRY(cli_i64(cli, "limit", 1, HITS_MAX, &limit, &cx->err));
    q.limit = (uint32_t)limit;
    TRY(product_search_settle(cx));
    TRY(product_search(cx, &q, &a));
    TRY(published_view(cx, &s.view));
    s.locale = q.locale.len > 0 ? q.locale : published_shop(s.view)->locale;
    if (cli_flag(cli, "json"))
        print_json(cli, cx, &s);
    else
        print_plain(cli, cx, &s);
    return ST_OK;
}

Status verb_search(Cli *cli, Err *err)
{
    CLEANUP(app_close) App app = {0};
    const PublishedOptions options = {.manual = true};
    TRY(app_open(cli, DATA_BESIDE, &app, err));
    TRY(app_start(&app, true, err));
    TRY(published_start(app.db, app.core, &options, err));
    TRY(product_search_start(app.db, err));
    CLEANUP(app_cx_end) AppCx c = {0};
    TRY(app_cx_begin(&app, &c, err));
    return app_failed(&c, ask(cli, &c.cx), err);
}
