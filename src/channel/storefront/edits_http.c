/* /api/v1/theme: the files of the theme that a merchant may edit. */
#include "channel/storefront/edits.h"
#include "channel/storefront/storefront_int.h"
#include "http/http_etag.h"

typedef struct FileInfo {
    Str  path;
    bool edited;
    Str  content;
    Str  original;
} FileInfo;

static const ShapeField FILE_FIELDS[] = {
    SHAPE_TEXT(FileInfo, path, .max = 100),
    SHAPE_BOOL(FileInfo, edited, .doc = "It stands in for the theme's own."),
    SHAPE_TEXT(FileInfo, content, .max = THEME_FILE_MAX, .flags = SHAPE_NULLABLE,
               .doc = "As it is shown; null in lists."),
    SHAPE_TEXT(FileInfo, original, .max = THEME_FILE_MAX, .flags = SHAPE_NULLABLE,
               .doc = "The theme's own; null when it has none, and in lists."),
};
static const Shape file_shape =
    SHAPE_OF(FileInfo, "ThemeFile", FILE_FIELDS, .doc = "A JSON file of the theme.");

typedef struct FileInput {
    Str content;
} FileInput;

static const ShapeField INPUT_FIELDS[] = {
    SHAPE_TEXT(FileInput, content, .min = 2, .max = EDIT_MAX, .flags = SHAPE_REQUIRED,
               .doc = "The whole file: JSON, as the theme's schemas have it."),
};
static const Shape input_shape =
    SHAPE_OF(FileInput, "ThemeFileInput", INPUT_FIELDS, .doc = "What the file becomes.");

typedef struct FileList {
    struct {
        FileInfo *items;
        size_t    n;
    } files;
    Str revision;
} FileList;

static const ShapeField LIST_FIELDS[] = {
    SHAPE_LIST(FileList, files, FileInfo, &file_shape, .doc = "Those that can be edited."),
    SHAPE_TEXT(FileList, revision, .doc = "Of the theme that is shown."),
};
static const Shape list_shape =
    SHAPE_OF(FileList, "ThemeFiles", LIST_FIELDS, .doc = "Files of the theme.");

static const ThemeFile *edited(const ThemeFile *edits, size_t n, Str path)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(edits[i].path, path))
            return &edits[i];
    return NULL;
}

/* What the theme itself has, without edits. */
static Status original(Cx *cx, Theme **ret)
{
    if (!storefront_runs())
        return cx_fail(cx, ST_BUSY, "storefront.not_started", "the storefront is not running");
    return theme_load(storefront_folder(), ret, &cx->err);
}

/* GET /api/v1/theme */
static Status get_files(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Theme     *theme;
    ThemeFile *edits;
    size_t     n;
    int64_t    version;
    FileList   list = {0};
    TRY(edits_read(cx, &edits, &n, &version));
    TRY(original(cx, &theme));
    list.files.items = arena_array(cx->arena, FileInfo, theme->nfiles + n + 1);
    list.revision = str_dup(cx->arena, theme->revision);
    for (size_t i = 0; i < theme->nfiles; i++)
        if (edits_is_path(theme->files[i].path))
            list.files.items[list.files.n++] =
                (FileInfo){.path = str_dup(cx->arena, theme->files[i].path),
                           .edited = edited(edits, n, theme->files[i].path) != NULL};
    for (size_t i = 0; i < n; i++)
        if (theme_file(theme, edits[i].path) == NULL)
            list.files.items[list.files.n++] = (FileInfo){.path = edits[i].path, .edited = true};
    theme_release(theme);
    http_etag_rev(cx, rs, version);
    http_reply(rq, rs, &list);
    return ST_OK;
}

static Status tell(Cx *cx, const HttpReq *rq, HttpResp *rs, Str path)
{
    Theme     *theme;
    ThemeFile *edits;
    size_t     n;
    int64_t    version;
    FileInfo   info = {.path = path};
    TRY(edits_read(cx, &edits, &n, &version));
    TRY(original(cx, &theme));
    const ThemeFile *own = edits_is_path(path) ? theme_file(theme, path) : NULL;
    const ThemeFile *edit = edited(edits, n, path);
    if (own != NULL)
        info.original = str_dup(cx->arena, own->bytes);
    theme_release(theme);
    info.edited = edit != NULL;
    info.content = edit != NULL ? edit->bytes : info.original;
    if (own == NULL && edit == NULL)
        return cx_fail(cx, ST_NOT_FOUND, "storefront.no_theme_file", "there is no such file");
    http_etag_rev(cx, rs, version);
    http_reply(rq, rs, &info);
    return ST_OK;
}

/* GET /api/v1/theme/files/:*path */
static Status get_file(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return tell(cx, rq, rs, rq->params[0]);
}

static Status version_of(Cx *cx, const HttpReq *rq, int64_t *ret)
{
    ThemeEdits edits;
    TRY(setting_get(cx, &theme_edits_setting, &edits, ret));
    return http_check_rev(cx, rq, *ret);
}

static Status put_file(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const FileInput *in = rq->in;
    int64_t          version;
    TRY(version_of(cx, rq, &version));
    TRY(edits_put(cx, storefront_folder(), version, rq->params[0], in->content));
    return tell(cx, rq, rs, rq->params[0]);
}

static Status delete_file(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t version;
    TRY(version_of(cx, rq, &version));
    TRY(edits_put(cx, storefront_folder(), version, rq->params[0], (Str){0}));
    http_reply_none(rs);
    return ST_OK;
}

/* POST /api/v1/theme/undo */
static Status post_undo(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t version;
    Str     path;
    TRY(version_of(cx, rq, &version));
    TRY(edits_undo(cx, storefront_folder(), version, &path));
    return get_files(cx, rq, rs);
}

static const HttpRoute ROUTES[] = {
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/theme"),
     .handler = get_files,
     .permission = "theme.read",
     .out = &list_shape,
     .summary = "Files of the theme that can be edited"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/theme/files/:*path"),
     .handler = get_file,
     .permission = "theme.read",
     .out = &file_shape,
     .summary = "One of them, as it is shown and as the theme has it"},
    {.method = HTTP_PUT,
     .pattern = STR_INIT("/api/v1/theme/files/:*path"),
     .handler = put_file,
     .permission = "theme.write",
     .body = HTTP_BODY_JSON,
     .body_max = 2 * EDIT_MAX,
     .in = &input_shape,
     .out = &file_shape,
     .summary = "Replace it for this shop"},
    {.method = HTTP_DELETE,
     .pattern = STR_INIT("/api/v1/theme/files/:*path"),
     .handler = delete_file,
     .permission = "theme.write",
     .status = 204,
     .summary = "Show the theme's own again"},
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/theme/undo"),
     .handler = post_undo,
     .permission = "theme.write",
     .out = &list_shape,
     .summary = "Take the last change back"},
};

const HttpRoutes theme_routes = {"Theme", ROUTES, COUNT_OF(ROUTES)};
