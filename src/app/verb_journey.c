/* `rapport journey load`, `query`, `check`, `mend`, `settle`. */
#include "app/app.h"
#include "app/verbs.h"
#include "base/fd.h"
#include "channel/track/queue.h"
#include "journey/feed.h"
#include "people/journey_filter.h"
#include "people/journey_trait.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char DATA_DOC[] = "the data folder; the journey is DATA/journey";

const CliOption JOURNEY_LOAD_OPTIONS[] = {
    {"data", "DIR", "data", "RAPPORT_DATA_DIR", DATA_DOC},
    {"format", "NAME", "segment", NULL, "segment (a message per line), csv or bench"},
    {"map", "FILE.json", NULL, NULL, "csv: which column is what"},
    {"report", "FILE", NULL, NULL, "write the lines that could not be taken, with the reason"},
    {"json", NULL, NULL, NULL, "write JSON for other programs to read"},
    {0},
};
const CliOption JOURNEY_OPTIONS[] = {
    {"data", "DIR", "data", "RAPPORT_DATA_DIR", DATA_DOC},
    {0},
};
const CliOption JOURNEY_QUERY_OPTIONS[] = {
    {"threads", "NUMBER", "0", NULL, "threads that work on it; 0: as many as there are cores"},
    {0},
};

enum { TELL_MAX = 5 /* lines that could not be taken, without a report */ };
enum { QUESTION_MAX = 1 << 20, ANSWER_MAX = 512 << 20, CHUNK = 8 << 20 };

static char *journey_dir(Cli *cli, Arena *a)
{
    const char *data = cli_cstr(cli, "data");
    size_t      n = strlen(data) + sizeof "/journey";
    char       *dir = arena_array(a, char, n);
    (void)snprintf(dir, n, "%s/journey", data);
    return dir;
}

static Status open_journey(Cli *cli, bool read_only, int threads, Arena *a, Journey **ret, Err *err)
{
    JourneyOptions o = {.read_only = read_only, .threads = threads, .no_merging = !read_only};
    const char    *data = cli_cstr(cli, "data");
    if (!read_only && mkdir(data, 0700) != 0 && errno != EEXIST)
        return err_set(err, ST_IO, "app.data_dir", "%.120s cannot be made", data);
    return journey_open(journey_dir(cli, a), &o, ret, err);
}

static void close_journey(Journey **j)
{
    journey_close(*j);
}

/* --- load ---------------------------------------------------------------------------- */

typedef struct Loading {
    CliProgress bar;
    int64_t     done, total;
    FILE       *report;
    FILE       *err;
    int64_t     told;
} Loading;

static void rejected(void *arg, int64_t line, const char *reason)
{
    Loading *l = arg;
    if (l->report != NULL)
        fprintf(l->report, "%lld\t%s\n", (long long)line, reason);
    else if (l->told++ < TELL_MAX)
        fprintf(l->err, "\rline %lld: %s\n", (long long)line, reason);
    else if (l->told == TELL_MAX + 1)
        fputs("… and more: --report FILE has them all\n", l->err);
}

static Status feed_file(int fd, Feed *feed, Loading *l, Err *err)
{
    char *buf = malloc(CHUNK);
    if (buf == NULL)
        base_out_of_memory(CHUNK);
    Status st = ST_OK;
    for (;;) {
        ssize_t n = read(fd, buf, CHUNK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            st = err_set(err, ST_IO, "app.cannot_read", "the file cannot be read");
        if (n <= 0 || st != ST_OK)
            break;
        st = feed_bytes(feed, (Str){buf, (size_t)n}, err);
        if (st != ST_OK)
            break;
        l->done += n;
        cli_progress_at(&l->bar, l->done, l->total);
    }
    free(buf);
    return st == ST_OK ? feed_end(feed, err) : st;
}

static Status read_text(const char *path, size_t max, Arena *a, Str *ret, Err *err)
{
    CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    char                 *p = arena_array(a, char, max + 1);
    size_t                got = 0;
    if (fd < 0)
        return err_set(err, ST_NOT_FOUND, "app.cannot_read", "cannot read %.120s", path);
    for (ssize_t n = 1; n > 0 && got < max; got += (size_t)(n > 0 ? n : 0))
        n = read(fd, p + got, max - got);
    *ret = (Str){p, got};
    return ST_OK;
}

static void tell_loaded(Cli *cli, const FeedCounts *n)
{
    fprintf(cli->out,
            cli_flag(cli, "json") ? "{\"events\":%lld,\"links\":%lld,\"rejected\":%lld}\n"
                                  : "%lld events, %lld links, %lld lines rejected\n",
            (long long)n->events, (long long)n->links, (long long)n->rejected);
}

Status verb_journey_load(Cli *cli, Err *err)
{
    CLEANUP(arena_done) Arena       a = {.block_size = 4096};
    CLEANUP(close_journey) Journey *j = NULL;
    Loading                         l = {.bar = cli_progress(cli, "Loading"), .err = cli->err};
    FeedFormat                      format;
    Str                             map = STR("");
    struct stat                     info = {0};
    char                           *path = str_cstr(&a, cli->arguments[0]);
    FeedCounts                      counts;
    if (!feed_format(cli_text(cli, "format"), &format))
        return err_set(err, ST_INVALID, "app.bad_option", "--format is segment, csv or bench");
    if (cli_cstr(cli, "map") != NULL)
        TRY(read_text(cli_cstr(cli, "map"), QUESTION_MAX, &a, &map, err));
    CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0)
        return err_set(err, ST_NOT_FOUND, "app.cannot_read", "cannot read %.120s", path);
    l.total = S_ISREG(info.st_mode) ? info.st_size : 0;
    TRY(open_journey(cli, false, 0, &a, &j, err));
    if (cli_cstr(cli, "report") != NULL &&
        (l.report = fopen(cli_cstr(cli, "report"), "wbe")) == NULL)
        return err_set(err, ST_IO, "app.unwritable", "the report cannot be written");
    Feed  *feed;
    Status st = feed_begin(j, format, map, rejected, &l, &feed, err);
    if (st == ST_OK) {
        st = feed_file(fd, feed, &l, err);
        cli_progress_end(&l.bar);
        Err    other;
        Status end = feed_finish(feed, st == ST_OK, &counts, st == ST_OK ? err : &other);
        st = st == ST_OK ? end : st;
    }
    if (l.report != NULL && fclose(l.report) != 0 && st == ST_OK)
        st = err_set(err, ST_IO, "app.unwritable", "the report cannot be written");
    TRY(st);
    tell_loaded(cli, &counts);
    return counts.events > 0 || counts.rejected == 0
               ? ST_OK
               : err_set(err, ST_INVALID, "journey.bad_file",
                         "none of the lines could be taken: --format says what the file is");
}

/* --- query --------------------------------------------------------------------------- */

static void let_traits(PeopleTraitsHeld **held)
{
    people_traits_let(*held);
    people_traits_close();
}

/* The shop is opened only for questions that ask who people are: a journey alone may be without. */
static Status hold_traits(const Cli *cli, Str question, Arena *a, PeopleTraitsHeld **ret, Err *err)
{
    CLEANUP(app_close) App    app = {0};
    CLEANUP(app_cx_end) AppCx c = {0};
    const JsonValue          *q;
    if (str_find(question, STR("person.")) == SIZE_MAX || json_parse(a, question, &q, err) != ST_OK)
        return ST_OK; /* what is wrong with it is said when it is asked */
    TRY(app_open(cli, DATA_BESIDE, &app, err));
    TRY(app_cx_begin(&app, &c, err));
    return app_failed(&c, people_traits_hold(&c.cx, q, ret), err);
}

Status verb_journey_query(Cli *cli, Err *err)
{
    CLEANUP(arena_done) Arena             a = {.block_size = 4096};
    CLEANUP(buf_done) Buf                 answer = {0};
    CLEANUP(close_journey) Journey       *j = NULL;
    CLEANUP(let_traits) PeopleTraitsHeld *held = NULL;
    Str                                   question;
    int64_t                               threads;
    buf_init(&answer, ANSWER_MAX);
    TRY(cli_i64(cli, "threads", 0, 64, &threads, err));
    TRY(read_text(str_cstr(&a, cli->arguments[0]), QUESTION_MAX + 1, &a, &question, err));
    TRY(hold_traits(cli, question, &a, &held, err));
    JourneyAsk options = {
        .compile = journey_filter_compile, .trait = people_traits_value, .arg = held};
    TRY(open_journey(cli, true, (int)threads, &a, &j, err));
    TRY(journey_ask(j, question, &options, &answer, err));
    fprintf(cli->out, STR_FMT "\n", STR_ARG(buf_str(&answer)));
    return ST_OK;
}

/* --- check, mend, settle ------------------------------------------------------------------- */

static void finding(void *arg, const char *what)
{
    fprintf(arg, "%s\n", what);
}

/* What waits for the database; the server that writes it holds the lock of the data folder. */
static int64_t check_queue(Cli *cli, Arena *a)
{
    const char *data = cli_cstr(cli, "data");
    size_t      n = strlen(data) + sizeof "/track";
    char       *path = arena_array(a, char, n);
    (void)snprintf(path, n, "%s/lock", data);
    CLEANUP(fd_close) int lock = open(path, O_RDONLY | O_CLOEXEC);
    bool                  written = lock >= 0 && flock(lock, LOCK_SH | LOCK_NB) != 0;
    (void)snprintf(path, n, "%s/track", data);
    return queue_check(path, written, finding, cli->err);
}

Status verb_journey_check(Cli *cli, Err *err)
{
    CLEANUP(arena_done) Arena       a = {.block_size = 4096};
    CLEANUP(close_journey) Journey *j = NULL;
    JourneyStats                    s;
    int64_t                         queue = check_queue(cli, &a);
    TRY(open_journey(cli, true, 0, &a, &j, err));
    journey_stats(j, &s);
    TRY(journey_check(j, finding, cli->err, err));
    if (queue > 0)
        return err_set(err, ST_IO, "journey.corrupt", "%lld damaged places", (long long)queue);
    fprintf(cli->out, "%lld events in %lld segments, %lld bytes: all sound\n", (long long)s.events,
            (long long)s.segments, (long long)s.bytes);
    return ST_OK;
}

Status verb_journey_mend(Cli *cli, Err *err)
{
    CLEANUP(arena_done) Arena       a = {.block_size = 4096};
    CLEANUP(close_journey) Journey *j = NULL;
    JourneyStats                    s;
    JourneyOptions                  o = {.no_merging = true, .mend = true};
    TRY(journey_open(journey_dir(cli, &a), &o, &j, err));
    TRY(journey_mend(j, finding, cli->out, err));
    journey_stats(j, &s);
    fprintf(cli->out, "%lld events in %lld segments, %lld bytes\n", (long long)s.events,
            (long long)s.segments, (long long)s.bytes);
    return ST_OK;
}

Status verb_journey_settle(Cli *cli, Err *err)
{
    CLEANUP(arena_done) Arena       a = {.block_size = 4096};
    CLEANUP(close_journey) Journey *j = NULL;
    JourneyStats                    s;
    TRY(open_journey(cli, false, 0, &a, &j, err));
    TRY(journey_settle(j, true, err));
    journey_stats(j, &s);
    fprintf(cli->out, "%lld events in %lld segments, %lld bytes\n", (long long)s.events,
            (long long)s.segments, (long long)s.bytes);
    return ST_OK;
}
