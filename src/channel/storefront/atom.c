#include "channel/storefront/atom.h"

#include "channel/storefront/offer.h"

enum { ENTRIES_MAX = 50 };

/* Text, without the control characters that XML does not have. */
static void add_text(Buf *b, Str s)
{
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c >= ' ' || c == '\t' || c == '\n' || c == '\r')
            continue;
        buf_add_html(b, (Str){s.ptr + from, i - from});
        from = i + 1;
    }
    buf_add_html(b, str_skip(s, from));
}

static void add_address(Visit *v, Buf *b, Str path)
{
    CLEANUP(buf_done) Buf url = {0};
    buf_init(&url, 16384);
    offer_url(&url, v->origin, path);
    buf_add_html(b, buf_str(&url));
}

static void element(Buf *b, const char *name, const char *more, Str text)
{
    buf_addf(b, "<%s%s>", name, more);
    add_text(b, text);
    buf_addf(b, "</%s>\n", name);
}

static void time_element(Buf *b, const char *name, UnixMs t)
{
    buf_addf(b, "<%s>", name);
    clock_add(b, t);
    buf_addf(b, "</%s>\n", name);
}

static void add_entry(Visit *v, Buf *b, Str blog, const PublishedArticle *a)
{
    const CatalogArticle *x = &a->article;
    Str path = visit_urlf(v, "/blogs/" STR_FMT "/" STR_FMT, STR_ARG(blog), STR_ARG(x->handle));
    visit_note(v, PUBLISHED_ARTICLE, x->id);
    buf_add(b, STR("<entry>\n<id>"));
    add_address(v, b, path);
    buf_add(b, STR("</id>\n<link rel=\"alternate\" type=\"text/html\" href=\""));
    add_address(v, b, path);
    buf_add(b, STR("\"/>\n"));
    element(b, "title", "", visit_text(v, a->texts, x->id, STR("title"), x->title));
    time_element(b, "published", x->published_at.v);
    time_element(b, "updated",
                 x->updated_at.v > x->published_at.v.v ? x->updated_at : x->published_at.v);
    buf_add(b, STR("<author>"));
    element(b, "name", "", x->author.len > 0 ? x->author : v->shop->name);
    buf_add(b, STR("</author>\n"));
    Str excerpt = visit_text(v, a->texts, x->id, STR("excerpt"), x->excerpt);
    if (excerpt.len > 0)
        element(b, "summary", "", excerpt);
    element(b, "content", " type=\"html\"",
            visit_text(v, a->texts, x->id, STR("body"), published_safe(x->body, x->body_safe)));
    for (size_t i = 0; i < x->tags.n; i++) {
        buf_add(b, STR("<category term=\""));
        add_text(b, x->tags.items[i]);
        buf_add(b, STR("\"/>\n"));
    }
    buf_add(b, STR("</entry>\n"));
}

Status atom_reply(Visit *v, const PublishedBlog *blog, HttpResp *rs)
{
    Buf *b = &rs->body;
    Str  handle = blog->blog.handle,
        self = visit_urlf(v, "/blogs/" STR_FMT ".atom", STR_ARG(handle));
    UnixMs  changed = blog->blog.updated_at;
    int64_t n = 0;
    visit_note(v, PUBLISHED_BLOG, blog->blog.id);
    for (size_t i = 0; i < blog->articles.n && i < ENTRIES_MAX; i++) {
        const PublishedArticle *a = published_article(v->view, blog->articles.items[i]);
        if (a != NULL && a->article.updated_at.v > changed.v)
            changed = a->article.updated_at;
    }
    buf_add(b, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                   "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\""));
    add_text(b, v->tag);
    buf_add(b, STR("\">\n<id>"));
    add_address(v, b, self);
    buf_add(b, STR("</id>\n<link rel=\"self\" type=\"application/atom+xml\" href=\""));
    add_address(v, b, self);
    buf_add(b, STR("\"/>\n<link rel=\"alternate\" type=\"text/html\" href=\""));
    add_address(v, b, visit_urlf(v, "/blogs/" STR_FMT, STR_ARG(handle)));
    buf_add(b, STR("\"/>\n"));
    element(b, "title", "",
            visit_text(v, blog->texts, blog->blog.id, STR("title"), blog->blog.title));
    time_element(b, "updated", changed);
    for (size_t i = 0; i < blog->articles.n && n < ENTRIES_MAX; i++) {
        const PublishedArticle *a = published_article(v->view, blog->articles.items[i]);
        if (a == NULL ||
            !catalog_shown(a->article.published_at, a->article.unpublish_at, v->cx->now))
            continue;
        add_entry(v, b, handle, a);
        n++;
    }
    buf_add(b, STR("</feed>\n"));
    rs->type = "application/atom+xml; charset=utf-8";
    rs->status = 200;
    return ST_OK;
}
