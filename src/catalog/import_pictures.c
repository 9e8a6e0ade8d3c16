#include "catalog/import_pictures.h"

#include "base/fd.h"
#include "picture/picture.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void import_pictures_init(ImportPictures *p, Arena *a)
{
    p->arena = a;
    name_table_init(&p->by_source, a, 64);
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

Str import_picture_name(Arena *a, Str source)
{
    Str path, rest;
    str_cut(source, '?', &path, &rest);
    str_cut(path, '#', &path, &rest);
    size_t from = path.len;
    while (from > 0 && path.ptr[from - 1] != '/' && path.ptr[from - 1] != '\\')
        from--;
    Str    last = {path.ptr + from, path.len - from};
    char  *name = arena_array(a, char, last.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < last.len; i++) {
        char c = last.ptr[i];
        if (c == '%' && i + 2 < last.len && hex(last.ptr[i + 1]) >= 0 &&
            hex(last.ptr[i + 2]) >= 0) {
            c = (char)(hex(last.ptr[i + 1]) * 16 + hex(last.ptr[i + 2]));
            i += 2;
        }
        if (c == '/' || c == '\0')
            return (Str){0};
        name[n++] = c;
    }
    bool dots = n == 0 || (n == 1 && name[0] == '.') || (n == 2 && memcmp(name, "..", 2) == 0);
    return dots || n > 255 ? (Str){0} : (Str){name, n};
}

/* ST_NOT_FOUND when the folder has no such file. */
static Status read_picture(const char *dir, Str name, Buf *out, Err *err)
{
    CLEANUP(buf_done) Buf path;
    struct stat           sb;
    char                  block[8192];
    ssize_t               n;
    buf_init(&path, 8192);
    buf_addf(&path, "%s/" STR_FMT, dir, STR_ARG(name));
    if (buf_overflowed(&path))
        return err_set(err, ST_NOT_FOUND, "catalog.no_file", "the path is too long");
    CLEANUP(fd_close) int fd = open(path.ptr, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &sb) != 0 || !S_ISREG(sb.st_mode))
        return err_set(err, ST_NOT_FOUND, "catalog.no_file", "no such file");
    if (sb.st_size > PICTURE_BYTES_MAX)
        return err_set(err, ST_LIMIT, "picture.too_big", "more than %d MB",
                       PICTURE_BYTES_MAX >> 20);
    while ((n = read(fd, block, sizeof block)) > 0)
        buf_add(out, (Str){block, (size_t)n});
    if (n < 0 || buf_overflowed(out))
        return err_set(err, ST_IO, "catalog.unreadable", "the file cannot be read");
    return ST_OK;
}

static void take(ImportPictures *p, Cx *cx, const ImportFile *file, Str source, int64_t line,
                 ImportProblems *problems)
{
    Str name = import_picture_name(p->arena, source);
    if (name.len == 0 || name_table_find(&p->by_source, source) != NULL)
        return;
    CLEANUP(buf_done) Buf bytes;
    buf_init(&bytes, PICTURE_BYTES_MAX);
    MediaFile *taken = arena_new(p->arena, MediaFile);
    Status     st = read_picture(file->images_dir, name, &bytes, &cx->err);
    if (st == ST_NOT_FOUND)
        return;
    if (st == ST_OK)
        st = media_take(cx, buf_str(&bytes), taken);
    if (st == ST_OK)
        (void)name_table_add(&p->by_source, str_dup(p->arena, source), taken);
    else
        import_problem(problems, line, name, cx->err.code, "%s", cx->err.msg);
}

void import_pictures_take(ImportPictures *p, Cx *cx, const ImportFile *file, const ImportGroup *g,
                          ImportProblems *problems)
{
    ImportProblems ignored = {.arena = p->arena}; /* told when it is built again */
    ImportProduct  ip;
    file->reader->build(file, g, p->arena, &ignored, &ip);
    for (size_t i = 0; i < ip.product.media.n; i++)
        take(p, cx, file, ip.product.media.items[i].url, g->rows[0].line, problems);
}

void import_pictures_fill(const ImportPictures *p, ImportProduct *ip)
{
    for (size_t i = 0; i < ip->product.media.n; i++) {
        CatalogMedia    *m = &ip->product.media.items[i];
        const MediaFile *f = name_table_find(&p->by_source, m->url);
        if (f != NULL)
            media_fill(m, f);
    }
}
