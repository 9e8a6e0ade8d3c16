/* Reading a theme's folder: only what a theme can have, never through a link. */
#include "channel/storefront/theme_int.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 256, FOLDER_DEPTH = 3 };

static const char *const FOLDERS[] = {"assets",   "config",   "layout",   "locales",
                                      "sections", "snippets", "templates"};

static bool is_plain_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

/* Parts of letters, digits, '-', '_' and '.', none hidden; in a folder of themes. */
bool theme_is_path(Str path)
{
    Str  part, rest = path;
    bool known = false, more = true;
    if (path.len >= PATH_ROOM || !str_cut(path, '/', &part, &rest))
        return false;
    for (size_t i = 0; i < COUNT_OF(FOLDERS); i++)
        known = known || str_eq(part, str_from_cstr(FOLDERS[i]));
    while (more) {
        more = str_cut(rest, '/', &part, &rest);
        if (part.len == 0 || part.ptr[0] == '.')
            return false;
        for (size_t i = 0; i < part.len; i++)
            if (!is_plain_char(part.ptr[i]))
                return false;
    }
    return known;
}

typedef struct Reader {
    Theme *theme;
    int    root;
    size_t bytes; /* read so far */
    Err   *err;
} Reader;

static Status read_all(Reader *r, int fd, Str path, size_t size)
{
    char *p = arena_alloc(&r->theme->arena, size + 1, 1);
    for (size_t got = 0; got < size;) {
        ssize_t n = read(fd, p + got, size - got);
        if (n <= 0)
            return err_set(r->err, ST_IO, "storefront.bad_theme", "cannot read " STR_FMT,
                           STR_ARG(path));
        got += (size_t)n;
    }
    r->theme->files[r->theme->nfiles++] = (ThemeFile){str_dup(&r->theme->arena, path), {p, size}};
    r->bytes += size;
    return ST_OK;
}

static Status read_file(Reader *r, Str path)
{
    char        z[PATH_ROOM];
    struct stat st;
    if (!theme_is_path(path))
        return ST_OK; /* an editor's own file, most likely */
    (void)snprintf(z, sizeof z, STR_FMT, STR_ARG(path));
    int fd = openat(r->root, z, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return ST_OK; /* a link, or gone again */
    Status st_read = ST_OK;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        st_read = ST_OK;
    else if (st.st_size > THEME_FILE_MAX || r->theme->nfiles == THEME_FILES_MAX ||
             r->bytes + (size_t)st.st_size > THEME_BYTES_MAX)
        st_read = err_set(r->err, ST_LIMIT, "storefront.bad_theme",
                          STR_FMT " is too big, or the theme has too many files", STR_ARG(path));
    else
        st_read = read_all(r, fd, path, (size_t)st.st_size);
    (void)close(fd);
    return st_read;
}

static Status read_folder(Reader *r, const char *folder, int depth)
{
    int  fd = openat(r->root, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL) {
        if (fd >= 0)
            (void)close(fd);
        return ST_OK;
    }
    Status         st = ST_OK;
    struct dirent *e;
    while (st == ST_OK && (e = readdir(dir)) != NULL) { /* NOLINT(concurrency-mt-unsafe): own dir */
        char path[PATH_ROOM];
        int  n = snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (e->d_name[0] == '.' || n < 0 || (size_t)n >= sizeof path)
            continue;
        struct stat s;
        if (fstatat(r->root, path, &s, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (S_ISDIR(s.st_mode))
            st = depth < FOLDER_DEPTH ? read_folder(r, path, depth + 1) : ST_OK;
        else
            st = read_file(r, (Str){path, (size_t)n});
    }
    (void)closedir(dir);
    return st;
}

Status theme_read_folder(Theme *t, const char *folder, Err *err)
{
    Reader r = {.theme = t, .err = err};
    r.root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (r.root < 0)
        return err_set(err, ST_NOT_FOUND, "storefront.bad_theme", "there is no folder %s", folder);
    t->files = arena_array(&t->arena, ThemeFile, THEME_FILES_MAX);
    Status st = ST_OK;
    for (size_t i = 0; i < COUNT_OF(FOLDERS) && st == ST_OK; i++)
        st = read_folder(&r, FOLDERS[i], 1);
    (void)close(r.root);
    return st;
}
