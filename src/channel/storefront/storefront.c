#include "channel/storefront/storefront.h"

#include "base/log.h"
#include "channel/storefront/cache.h"
#include "channel/storefront/edits.h"
#include "channel/storefront/feed.h"
#include "channel/storefront/kept_file.h"
#include "channel/storefront/object.h"
#include "channel/storefront/sitemap.h"
#include "channel/storefront/storefront_int.h"
#include "channel/storefront/storefront_sql.h"
#include "channel/storefront/wish.h"
#include "http/http_encode.h"
#include "http/http_etag.h"
#include "http/http_form.h"
#include "http/http_stream.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static struct {
    pthread_mutex_t lock;       /* of theme and site */
    pthread_mutex_t edits_lock; /* of the edits */
    Db             *db;
    Theme          *theme;
    Theme          *own; /* built in; NULL: `theme` is it, or there is none */
    SiteSnapshot   *site;
    char           *folder;
    bool            watched;
    ThemeFile      *edits; /* what the merchant changed of it: in edits_arena */
    size_t          nedits;
    int64_t         edits_version;
    Arena           edits_arena;
    bool            started;
    Str (*head)(Arena *a);
} shop = {.lock = PTHREAD_MUTEX_INITIALIZER, .edits_lock = PTHREAD_MUTEX_INITIALIZER};

/* --- settings
 * ------------------------------------------------------------------------------------- */

void site_release(SiteSnapshot *site)
{
    if (site == NULL || atomic_fetch_sub(&site->refs, 1) != 1)
        return;
    arena_done(&site->arena);
    free(site);
}

static Str keep(Arena *a, Str s)
{
    return s.len > 0 ? str_dup(a, s) : STR("");
}

static SiteTexts keep_all(Arena *a, SiteTexts texts)
{
    SiteTexts ret = {arena_array(a, Str, texts.n + 1), texts.n};
    for (size_t i = 0; i < texts.n; i++)
        ret.items[i] = keep(a, texts.items[i]);
    return ret;
}

static Status read_site(Cx *cx)
{
    static int64_t rev;
    Site           read;
    TRY(setting_get(cx, &site_setting, &read, NULL));
    SiteSnapshot *site = calloc(1, sizeof *site);
    if (site == NULL)
        base_out_of_memory(sizeof *site);
    arena_init(&site->arena, 1024);
    atomic_init(&site->refs, 1);
    site->site = (Site){.url = keep(&site->arena, read.url),
                        .locales = keep_all(&site->arena, read.locales),
                        .currencies = keep_all(&site->arena, read.currencies),
                        .description = keep(&site->arena, read.description),
                        .closed = read.closed,
                        .closed_note = keep(&site->arena, read.closed_note),
                        .negotiate = read.negotiate};
    pthread_mutex_lock(&shop.lock);
    SiteSnapshot *old = shop.site;
    site->rev = ++rev;
    shop.site = site;
    pthread_mutex_unlock(&shop.lock);
    site_release(old);
    cache_clear();
    return ST_OK;
}

/* The edits of now; *ret_changed: they are not those that are shown. */
static Status read_edits(Cx *cx, bool *ret_changed)
{
    ThemeFile *edits;
    size_t     n;
    int64_t    version;
    TRY(edits_read(cx, &edits, &n, &version));
    pthread_mutex_lock(&shop.edits_lock);
    *ret_changed = version != shop.edits_version;
    if (*ret_changed) {
        arena_done(&shop.edits_arena);
        arena_init(&shop.edits_arena, 4096);
        shop.edits = arena_array(&shop.edits_arena, ThemeFile, n + 1);
        for (size_t i = 0; i < n; i++)
            shop.edits[i] = (ThemeFile){keep(&shop.edits_arena, edits[i].path),
                                        keep(&shop.edits_arena, edits[i].bytes)};
        shop.nedits = n;
        shop.edits_version = version;
    }
    pthread_mutex_unlock(&shop.edits_lock);
    return ST_OK;
}

static Status renew_site(Cx *cx, const Event *event)
{
    bool changed;
    (void)event;
    if (!shop.started)
        return ST_OK;
    TRY(read_site(cx));
    TRY(read_edits(cx, &changed));
    if (changed)
        storefront_reload();
    return ST_OK;
}

/* --- beginning and end
 * ------------------------------------------------------------------------------ */

static void log_problems(const Theme *theme)
{
    for (size_t i = 0; i < theme->nproblems; i++)
        log_event(LOG_WARN, "storefront.theme_problem", log_s("problem", theme->problems[i]));
}

static void set_theme(Theme *theme)
{
    pthread_mutex_lock(&shop.lock);
    Theme *old = shop.theme;
    shop.theme = theme;
    pthread_mutex_unlock(&shop.lock);
    theme_release(old);
    cache_clear();
}

void storefront_reload(void)
{
    Theme *theme;
    Err    err = {0};
    pthread_mutex_lock(&shop.edits_lock);
    Status st = theme_load_with(shop.folder, shop.edits, shop.nedits, &theme, &err);
    pthread_mutex_unlock(&shop.edits_lock);
    if (st != ST_OK) {
        log_event(LOG_WARN, "storefront.bad_theme", log_s("message", str_from_cstr(err.msg)));
        return;
    }
    log_problems(theme);
    set_theme(theme);
}

static Status first_site(const StorefrontOptions *o, Err *err)
{
    CLEANUP(arena_done) Arena a = {0};
    Cx                        cx = {.core = o->core};
    bool                      edited = false;
    arena_init(&a, 4096);
    Status st = cx_begin(&cx, &a, o->db, clock_now());
    if (st == ST_OK)
        st = read_site(&cx);
    if (st == ST_OK)
        st = read_edits(&cx, &edited);
    if (st == ST_OK && edited)
        storefront_reload();
    if (st != ST_OK)
        *err = cx.err;
    cx_end(&cx);
    return st;
}

Status storefront_start(const StorefrontOptions *options, Err *err)
{
    Theme *theme;
    ASSERT(!shop.started);
    if (options->theme == NULL && theme_builtin_nfiles == 0)
        return ST_OK;
    TRY(theme_load(options->theme, &theme, err));
    log_problems(theme);
    shop.head = options->head;
    if (options->theme != NULL && theme_builtin_nfiles > 0 &&
        theme_load(NULL, &shop.own, err) != ST_OK) {
        theme_release(theme);
        return ST_INVALID;
    }
    int64_t bytes = options->cache_bytes == 0 ? 64 << 20 : options->cache_bytes;
    cache_open(options->watch || bytes < 0 ? 0 : (size_t)bytes);
    shop.db = options->db;
    if (options->theme != NULL)
        shop.folder = strdup(options->theme);
    set_theme(theme);
    Status st = first_site(options, err);
    shop.started = true;
    if (st == ST_OK && options->theme != NULL && options->watch) {
        shop.watched = true;
        st = watch_start(options->theme, err);
    }
    if (st != ST_OK)
        storefront_stop();
    return st;
}

void storefront_stop(void)
{
    if (!shop.started)
        return;
    watch_stop();
    cache_close();
    kept_files_drop();
    theme_release(shop.theme);
    theme_release(shop.own);
    site_release(shop.site);
    free(shop.folder);
    shop.theme = shop.own = NULL;
    shop.site = NULL;
    shop.folder = NULL;
    shop.watched = false;
    arena_done(&shop.edits_arena);
    shop.edits = NULL;
    shop.nedits = 0;
    shop.edits_version = 0;
    shop.started = false;
}

Str storefront_head(Arena *a)
{
    return shop.head != NULL ? shop.head(a) : STR("");
}

bool storefront_watches(void)
{
    return shop.watched;
}

const char *storefront_folder(void)
{
    return shop.folder;
}

Status storefront_hold(Cx *cx, Theme **ret_theme, SiteSnapshot **ret_site)
{
    Status st = ST_OK;
    pthread_mutex_lock(&shop.lock);
    if (shop.theme == NULL || shop.site == NULL) {
        st = cx_fail(cx, ST_BUSY, "storefront.not_started", "the storefront is not running");
    } else {
        *ret_theme = theme_hold(shop.theme);
        *ret_site = shop.site;
        atomic_fetch_add(&shop.site->refs, 1);
    }
    pthread_mutex_unlock(&shop.lock);
    return st;
}

static void release_site(void *site)
{
    site_release(site);
}

Status storefront_visit(Cx *cx, const HttpReq *rq, Visit *v)
{
    Theme        *theme;
    SiteSnapshot *site;
    TRY(storefront_hold(cx, &theme, &site));
    arena_defer(cx->arena, release_site, site);
    Status st = visit_open(cx, rq, theme, &site->site, v);
    theme_release(theme); /* the visit holds it */
    v->site_rev = site->rev;
    return st;
}

static void release_theme(void *theme)
{
    theme_release(theme);
}

Status storefront_own_theme(Visit *v)
{
    if (shop.own == NULL)
        return cx_fail(v->cx, ST_NOT_FOUND, "storefront.no_template",
                       "the theme has no template " STR_FMT, STR_ARG(v->kind));
    v->theme = theme_hold(shop.own); /* lives as long as the storefront */
    arena_defer(visit_arena(v), release_theme, v->theme);
    return ST_OK;
}

/* --- what went wrong
 * ---------------------------------------------------------------------------------- */

static void say_plainly(HttpResp *rs, int status)
{
    buf_clear(&rs->body);
    buf_addf(&rs->body,
             "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>%d</title>"
             "</head><body><h1>%d</h1><p>%s</p></body></html>\n",
             status, status,
             status == 404   ? "There is no page at this address."
             : status == 503 ? "The shop is closed for a moment."
                             : "This page cannot be shown just now.");
    rs->type = "text/html; charset=utf-8";
    rs->status = status;
}

void storefront_say(Visit *v, HttpResp *rs, int status)
{
    buf_clear(&rs->body);
    rs->nheaders = 0;
    rs->etag = (Str){0};
    v->kind = status == 404 ? STR("404") : status == 503 ? STR("password") : STR("500");
    v->suffix = STR("");
    v->title = status == 503
                   ? STR("")
                   : visit_theme_text(v, status == 404 ? "not_found.title" : "error.title");
    v->description = STR("");
    v->status = status;
    v->no_index = true;
    v->uncacheable = true;
    v->nglobals = 0;
    v->current_product = v->current_collection = 0;
    v->listing = NULL;
    if (status == 503)
        http_set_header(v->cx, rs, "Retry-After", STR("600"));
    if (render_page(v, rs) != ST_OK)
        say_plainly(rs, status);
    rs->status = status;
    rs->cache_control = "no-store";
}

bool storefront_is_local(Str path)
{
    if (path.len == 0 || path.ptr[0] != '/' || path.len > 2048)
        return false;
    if (path.len > 1 && (path.ptr[1] == '/' || path.ptr[1] == '\\'))
        return false;
    for (size_t i = 0; i < path.len; i++)
        if ((unsigned char)path.ptr[i] < 0x21 || path.ptr[i] == '\\' || path.ptr[i] == 0x7f)
            return false;
    return true;
}

/* --- pages
 * -----------------------------------------------------------------------------------------------
 */

/* Addresses of other parts of the program are theirs, also when there is nothing. */
static bool is_foreign(Str path)
{
    static const Str PREFIXES[] = {STR_INIT("/api/"), STR_INIT("/assets/"), STR_INIT("/console"),
                                   STR_INIT("/.well-known/"), STR_INIT("/media/")};
    for (size_t i = 0; i < COUNT_OF(PREFIXES); i++)
        if (str_starts(path, PREFIXES[i]))
            return true;
    return false;
}

static Status get_page(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Visit v;
    if (is_foreign(rq->path) || !shop.started)
        return cx_fail(cx, ST_NOT_FOUND, "http.no_route", "nothing at this address");
    TRY(storefront_visit(cx, rq, &v));
    if (negotiate_language(&v, rs))
        return ST_OK;
    if (cache_find(&v, rs)) {
        pages_recount(&v);
        return ST_OK;
    }
    Status st = v.site->closed ? ST_OK : pages_answer(&v, rs);
    if (v.site->closed) {
        storefront_say(&v, rs, 503);
    } else if (st == ST_NOT_FOUND) {
        Str target;
        if (published_redirect(v.view, v.path, &target))
            http_redirect(cx, rs, 301, visit_url(&v, target));
        else
            storefront_say(&v, rs, 404);
    } else if (st != ST_OK) {
        log_event(LOG_ERROR, "storefront.failed", log_s("code", str_from_cstr(cx->err.code)),
                  log_s("message", str_from_cstr(cx->err.msg)));
        storefront_say(&v, rs, 500);
    }
    cache_keep(&v, rs);
    return ST_OK;
}

bool storefront_runs(void)
{
    return shop.started;
}

Status storefront_home(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return get_page(cx, rq, rs);
}

/* --- the theme's files
 * -------------------------------------------------------------------------------- */

static void reply_asset(Cx *cx, const HttpReq *rq, const Theme *theme, const ThemeAsset *a,
                        HttpResp *rs)
{
    HttpCoding  coding = http_coding_pick(http_header(rq, STR("Accept-Encoding")),
                                          1U << HTTP_ZSTD | 1U << HTTP_GZIP);
    AssetCoding how = coding == HTTP_ZSTD   ? ASSET_ZSTD
                      : coding == HTTP_GZIP ? ASSET_GZIP
                                            : ASSET_PLAIN;
    Str         packed = theme_asset_packed(theme, a, how);
    buf_add(&rs->body, packed.len > 0 ? packed : a->bytes);
    rs->encoding = packed.len > 0 ? http_coding_name(coding) : (Str){0};
    rs->etag = str_dup(cx->arena, a->etag);
    http_set_header(cx, rs, "Vary", STR("Accept-Encoding"));
    if (packed.len == 0)
        return;
    Str   mark = http_coding_name(coding);
    char *z = arena_array(cx->arena, char, a->etag.len + mark.len + 2);
    int n = snprintf(z, a->etag.len + mark.len + 2, STR_FMT "+" STR_FMT "\"", (int)a->etag.len - 1,
                     a->etag.ptr, STR_ARG(mark));
    rs->etag = (Str){z, (size_t)n};
}

static const char RELOAD_JS[] =
    "new EventSource('" RELOAD_STREAM "').addEventListener('theme',()=>location.reload());\n";

static Status get_asset(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Theme        *theme;
    SiteSnapshot *site;
    bool          current;
    TRY(storefront_hold(cx, &theme, &site));
    arena_defer(cx->arena, release_site, site);
    if (storefront_watches() && str_eq(rq->params[0], STR("_reload.js"))) {
        theme_release(theme);
        buf_add(&rs->body, str_from_cstr(RELOAD_JS));
        rs->type = "text/javascript; charset=utf-8";
        return ST_OK;
    }
    const ThemeAsset *a = theme_asset_served(theme, rq->params[0], &current);
    if (a == NULL && shop.own != NULL) {
        theme_release(theme);
        theme = theme_hold(shop.own);
        a = theme_asset_served(theme, rq->params[0], &current);
    }
    if (a != NULL) {
        reply_asset(cx, rq, theme, a, rs);
        rs->type = a->type;
        rs->cache_control = current ? "public, max-age=31536000, immutable" : "no-cache";
    }
    theme_release(theme);
    if (a == NULL)
        return cx_fail(cx, ST_NOT_FOUND, "storefront.no_asset", "the theme has no such file");
    return ST_OK;
}

static Status get_reload(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    (void)rq;
    if (!storefront_watches())
        return cx_fail(cx, ST_NOT_FOUND, "http.no_route", "nothing at this address");
    HttpStream *stream = http_stream_open(rs);
    http_stream_join(stream, watch_topic());
    http_stream_release(stream);
    return ST_OK;
}

/* --- choosing language and currency
 * ------------------------------------------------------------------- */

static Str chosen(const Str *offered, size_t n, Str wish, Str fallback)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_nocase(offered[i], wish))
            return offered[i];
    return fallback;
}

/* return_to without the language and currency that it may begin with. */
static Str without_root(const Visit *v, const VisitWays *ways, Str path)
{
    for (size_t i = 0; i < ways->nlocales; i++)
        for (size_t k = 0; k < ways->ncurrencies; k++) {
            Str root = visit_root_for(v, ways->locales[i], ways->currencies[k]);
            if (root.len == 0 || !str_starts(path, root))
                continue;
            Str rest = str_skip(path, root.len);
            if (rest.len == 0 || rest.ptr[0] == '/' || rest.ptr[0] == '?')
                return rest.len == 0 ? STR("/") : rest;
        }
    return path;
}

static Status post_localization(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    HttpForm  form;
    Visit     v;
    VisitWays ways;
    TRY(http_form_read(cx, rq, &form));
    TRY(storefront_visit(cx, rq, &v));
    visit_ways(&v, &ways);
    Str tag = http_form_text(&form, STR("language_code"));
    Str code = http_form_text(&form, STR("country_code"));
    if (tag.ptr == NULL)
        tag = http_form_text(&form, STR("locale_code"));
    if (code.ptr == NULL)
        code = http_form_text(&form, STR("currency_code"));
    Str back = http_form_text(&form, STR("return_to"));
    if (!storefront_is_local(back))
        back = STR("/");
    v.root = visit_root_for(&v, chosen(ways.locales, ways.nlocales, tag, v.tag),
                            chosen(ways.currencies, ways.ncurrencies, code, v.currency));
    back = without_root(&v, &ways, back);
    Str to = visit_url(&v, storefront_is_local(back) ? back : STR("/")); /* "/uk//elsewhere" */
    http_redirect(cx, rs, 303, to.len > 0 ? to : STR("/"));
    return ST_OK;
}

#define PAGE_FLAGS (HTTP_QUICK | HTTP_PUBLIC | HTTP_NO_AUTH | HTTP_HIDDEN)

/* Long answers that are made on a worker: kept_file.h. */
#define FOUND(path, fn, mime)                                                                      \
    {                                                                                              \
        .method = HTTP_GET, .pattern = STR_INIT(path), .handler = (fn),                            \
        .flags = HTTP_PUBLIC | HTTP_NO_AUTH | HTTP_HIDDEN, .out_type = (mime)                      \
    }

static const HttpRoute ROUTES[] = {
    FOUND("/robots.txt", robots_txt, "text/plain"),
    FOUND("/llms.txt", llms_txt, "text/markdown"),
    FOUND("/sitemap.xml", sitemap_index, "application/xml"),
    FOUND("/sitemaps/:file", sitemap_part, "application/xml"),
    FOUND("/feeds/google.xml", feed_xml, "application/xml"),
    FOUND("/feeds/google.tsv", feed_tsv, "text/tab-separated-values"),
    FOUND("/:locale/feeds/google.xml", feed_xml, "application/xml"),
    FOUND("/:locale/feeds/google.tsv", feed_tsv, "text/tab-separated-values"),
    {.method = HTTP_GET, .pattern = STR_INIT("/:*path"), .handler = get_page, .flags = PAGE_FLAGS},
    {.method = HTTP_GET,
     .pattern = STR_INIT(RELOAD_STREAM),
     .handler = get_reload,
     .flags = PAGE_FLAGS},
    {.method = HTTP_GET,
     .pattern = STR_INIT(THEME_PATH ":*file"),
     .handler = get_asset,
     .flags = PAGE_FLAGS | HTTP_MEMORY},
    {.method = HTTP_POST,
     .pattern = STR_INIT("/localization"),
     .handler = post_localization,
     .body = HTTP_BODY_FORM,
     .body_max = 8192,
     .flags = PAGE_FLAGS},
    {.method = HTTP_POST,
     .pattern = STR_INIT("/:locale/localization"),
     .handler = post_localization,
     .body = HTTP_BODY_FORM,
     .body_max = 8192,
     .flags = PAGE_FLAGS},
};

const HttpRoutes storefront_routes = {"Storefront", ROUTES, COUNT_OF(ROUTES)};

/* Pages say when things arrive. */
static Status forget_promises(Cx *cx, const Event *event)
{
    (void)cx;
    (void)event;
    cache_clear();
    return ST_OK;
}

static const Reaction REACTIONS[] = {
    {"storefront.forget_promises", "order.delivery_changed", forget_promises, true},
    {"storefront.renew_site", "core.setting_changed", renew_site, true},
};

static const Permission PERMISSIONS[] = {
    {"theme.read", "See the files of the theme that can be edited."},
    {"theme.write", "Change the looks of the shop: the theme's settings, pages and menus' places."},
};

static const Setting SETTINGS[] = {
    {"storefront.site", &site_shape, &site_defaults},
    {"storefront.theme", &theme_edits_shape, &theme_edits_defaults},
};

const Module storefront_module = {
    .name = "storefront",
    .permissions = PERMISSIONS,
    .npermissions = COUNT_OF(PERMISSIONS),
    .migrations = STOREFRONT_MIGRATIONS,
    .events = wish_events,
    .nevents = COUNT_OF(wish_events),
    .reactions = REACTIONS,
    .nreactions = COUNT_OF(REACTIONS),
    .settings = SETTINGS,
    .nsettings = COUNT_OF(SETTINGS),
};
