/* What is damaged costs itself alone: the store opens, takes events, says what it is, and can be
 * mended. */
#include "model.h"

#include "base/fault.h"
#include "base/log.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PEOPLE = 20000 }; /* more than one block has */

static const JourneyOptions QUIET = {.no_merging = true, .threads = 2};
static const JourneyOptions MEND = {.no_merging = true, .threads = 2, .mend = true};
static const JourneyOptions LOOK = {.read_only = true, .threads = 1};

static void append_some(Journey *j, int64_t first, int64_t last, UnixMs at)
{
    for (int64_t p = first; p <= last;) {
        JourneyEvent events[100];
        size_t       n = 0;
        for (; n < COUNT_OF(events) && p <= last; n++, p++)
            events[n] = (JourneyEvent){.subject = p * 3, .time = at, .name = STR("Seen")};
        Err err;
        assert_ok(journey_append(j, events, n, NULL, &err), &err);
    }
}

/* Two files, and some events in the log. */
static char *filled(void)
{
    char    *dir = model_dir();
    Journey *j;
    Err      err;
    log_min_level = LOG_ERROR + 1;
    assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
    append_some(j, 1, PEOPLE, (UnixMs){MODEL_START});
    assert_ok(journey_settle(j, false, &err), &err);
    append_some(j, 1, 100, (UnixMs){MODEL_START + 1});
    assert_ok(journey_settle(j, false, &err), &err);
    append_some(j, 1, 10, (UnixMs){MODEL_START + 2});
    journey_close(j);
    return dir;
}

static Status count(Journey *j, int64_t *ret, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 4096};
    CLEANUP(buf_done) Buf     b;
    const JsonValue          *v;
    buf_init(&b, 1 << 20);
    TRY(journey_ask(j, STR("{\"type\":\"sessions\",\"gap\":\"30 minutes\"}"), NULL, &b, err));
    TRY(json_parse(&a, buf_str(&b), &v, err));
    *ret = json_get(json_get(v, STR("population")), STR("events"))->i64;
    return ST_OK;
}

static void assert_events(Journey *j, int64_t expected)
{
    int64_t n = -1;
    Err     err;
    assert_ok(count(j, &n, &err), &err);
    assert_int_equal(n, expected);
}

/* The k-th file with this end of its name, in order. */
static char *path_of(const char *dir, const char *end, int k)
{
    static char     path[4096];
    struct dirent **names;
    int             n = scandir(dir, &names, NULL, alphasort), seen = 0;
    assert_true(n > 0);
    path[0] = '\0';
    for (int i = 0; i < n; i++) {
        if (str_ends(str_from_cstr(names[i]->d_name), str_from_cstr(end)) && seen++ == k)
            (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]->d_name);
        free(names[i]);
    }
    free(names);
    assert_true(path[0] != '\0');
    return path;
}

static void flip(const char *path, off_t at)
{
    unsigned char c;
    int           fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &c, 1, at), 1);
    c ^= 8;
    assert_int_equal(pwrite(fd, &c, 1, at), 1);
    (void)close(fd);
}

typedef struct Told {
    int  n;
    char last[160];
} Told;

static void tell(void *arg, const char *what)
{
    Told *t = arg;
    t->n++;
    (void)snprintf(t->last, sizeof t->last, "%s", what);
}

static Told checked(const char *dir)
{
    Journey *j = NULL;
    Err      err;
    Told     t = {0};
    assert_ok(journey_open(dir, &LOOK, &j, &err), &err);
    Status st = journey_check(j, tell, &t, &err);
    assert_int_equal(st, t.n > 0 ? ST_IO : ST_OK);
    journey_close(j);
    return t;
}

static Told mended(const char *dir)
{
    Journey *j;
    Err      err;
    Told     t = {0};
    assert_ok(journey_open(dir, &MEND, &j, &err), &err);
    assert_ok(journey_mend(j, tell, &t, &err), &err);
    journey_close(j);
    assert_int_equal(checked(dir).n, 0);
    return t;
}

static void remove_folder(const char *path)
{
    DIR *d = opendir(path);
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;)
        (void)unlinkat(dirfd(d), e->d_name, 0);
    if (d != NULL)
        (void)closedir(d);
    (void)rmdir(path);
}

static void done(char *dir)
{
    char damaged[4096];
    (void)snprintf(damaged, sizeof damaged, "%s/damaged", dir);
    remove_folder(damaged);
    model_rmdir(dir);
}

static void a_missing_manifest_takes_no_segment_away(void **state)
{
    char    *dir = filled(), path[4096];
    Journey *j;
    Err      err;
    (void)state;
    (void)snprintf(path, sizeof path, "%s/MANIFEST", dir);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(checked(dir).n, 1);
    assert_ok(journey_open(dir, &QUIET, &j, &err), &err); /* of its copy */
    assert_events(j, PEOPLE + 110);
    journey_close(j);
    assert_int_equal(checked(dir).n, 0);
    assert_int_equal(unlink(path), 0);
    (void)snprintf(path, sizeof path, "%s/MANIFEST.copy", dir);
    assert_int_equal(unlink(path), 0);
    assert_fails(journey_open(dir, &QUIET, &j, &err), ST_IO, &err, "journey.corrupt");
    assert_non_null(path_of(dir, ".seg", 1)); /* both are there still */
    done(dir);
}

static void a_flipped_bit_in_the_manifest_costs_nothing(void **state)
{
    static const char *const NAMES[] = {"MANIFEST", "MANIFEST.copy"};
    char                    *dir = filled(), path[4096];
    Journey                 *j;
    Err                      err;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(NAMES); i++)
        for (off_t at = 0; at < 100; at += 9) {
            (void)snprintf(path, sizeof path, "%s/%s", dir, NAMES[i]);
            flip(path, at);
            assert_int_equal(checked(dir).n, 1);
            assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
            assert_events(j, PEOPLE + 110);
            journey_close(j);
            assert_int_equal(checked(dir).n, 0); /* it was written anew */
        }
    done(dir);
}

typedef void Spoil(const char *path);

static void spoil_tail(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    flip(path, info.st_size - 20);
}

static void spoil_length(const char *path)
{
    assert_int_equal(truncate(path, 1000), 0);
}

static void spoil_all(const char *path)
{
    assert_int_equal(truncate(path, 0), 0);
}

static void spoil_name(const char *path)
{
    assert_int_equal(unlink(path), 0);
}

static void a_segment_that_cannot_be_read_costs_itself_alone(void **state)
{
    static Spoil *const WAYS[] = {spoil_tail, spoil_length, spoil_all, spoil_name};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(WAYS); i++) {
        char        *dir = filled();
        Journey     *j;
        Err          err;
        int64_t      n;
        JourneyEvent e = {.subject = 3, .time = {MODEL_START + 5}, .name = STR("Seen")};
        WAYS[i](path_of(dir, ".seg", 1));
        assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
        assert_ok(journey_append(j, &e, 1, NULL, &err), &err);
        assert_fails(count(j, &n, &err), ST_IO, &err, "journey.corrupt");
        assert_non_null(strstr(err.msg, ".seg")); /* it is named */
        assert_ok(journey_settle(j, false, &err), &err);
        journey_close(j);
        assert_int_equal(checked(dir).n, 1);
        assert_int_equal(mended(dir).n, 1);
        assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
        assert_events(j, PEOPLE + 11);
        journey_close(j);
        done(dir);
    }
}

static void a_lost_segment_that_comes_back_counts_again(void **state)
{
    char    *dir = filled(), aside[4200];
    Journey *j;
    Err      err;
    int64_t  n;
    (void)state;
    (void)snprintf(aside, sizeof aside, "%s/aside", dir);
    assert_int_equal(rename(path_of(dir, ".seg", 0), aside), 0);
    assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
    assert_fails(count(j, &n, &err), ST_IO, &err, "journey.corrupt");
    append_some(j, 1, 5, (UnixMs){MODEL_START + 3});
    assert_ok(journey_settle(j, false, &err), &err); /* a new manifest names it still */
    journey_close(j);
    char back[4200];
    (void)snprintf(back, sizeof back, "%s/0000000001.seg", dir);
    assert_int_equal(rename(aside, back), 0);
    assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
    assert_events(j, PEOPLE + 115);
    journey_close(j);
    done(dir);
}

static void what_happens_to_a_file_does_not_happen_to_its_backup(void **state)
{
    char    *dir = filled(), copy[4096];
    Journey *j;
    Err      err;
    (void)state;
    (void)snprintf(copy, sizeof copy, "%s/copy", dir);
    assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
    assert_ok(journey_backup(j, copy, &err), &err);
    journey_close(j);
    assert_int_equal(truncate(path_of(dir, ".seg", 0), 100), 0);
    assert_int_equal(checked(dir).n, 1);
    assert_int_equal(checked(copy).n, 0);
    assert_ok(journey_open(copy, &QUIET, &j, &err), &err);
    assert_events(j, PEOPLE + 110);
    journey_close(j);
    remove_folder(copy);
    done(dir);
}

/* Its logs are gone by then: what they had is in a file that the reader does not know. */
static void a_backup_beside_a_writer_that_merges_is_taken_again(void **state)
{
    char    *dir = filled(), copy[4096];
    Journey *writer, *reader;
    Err      err;
    (void)state;
    (void)snprintf(copy, sizeof copy, "%s/copy", dir);
    assert_ok(journey_open(dir, &QUIET, &writer, &err), &err);
    append_some(writer, 1, 30, (UnixMs){MODEL_START + 7});
    assert_ok(journey_open(dir, &LOOK, &reader, &err), &err);
    assert_ok(journey_settle(writer, false, &err), &err);
    assert_fails(journey_backup(reader, copy, &err), ST_BUSY, &err, "journey.in_use");
    journey_close(reader);
    remove_folder(copy);
    assert_ok(journey_open(dir, &LOOK, &reader, &err), &err);
    assert_ok(journey_backup(reader, copy, &err), &err);
    journey_close(reader);
    journey_close(writer);
    assert_ok(journey_open(copy, &QUIET, &reader, &err), &err);
    assert_events(reader, PEOPLE + 140);
    journey_close(reader);
    remove_folder(copy);
    done(dir);
}

static void segments_that_were_exchanged_are_found(void **state)
{
    char *dir = filled(), one[4096], two[4096], aside[4200];
    (void)state;
    (void)snprintf(one, sizeof one, "%s", path_of(dir, ".seg", 0));
    (void)snprintf(two, sizeof two, "%s", path_of(dir, ".seg", 1));
    (void)snprintf(aside, sizeof aside, "%s.aside", one);
    assert_int_equal(rename(one, aside) + rename(two, one) + rename(aside, two), 0);
    assert_int_equal(checked(dir).n, 2);
    done(dir);
}

static void a_damaged_block_is_left_out_alone(void **state)
{
    char    *dir = filled();
    Journey *j;
    Err      err;
    int64_t  n = 0;
    (void)state;
    flip(path_of(dir, ".seg", 0), 3); /* of the first block's profiles */
    Told t = mended(dir);
    assert_int_equal(t.n, 1);
    assert_non_null(strstr(t.last, "events left out"));
    assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
    assert_ok(count(j, &n, &err), &err);
    assert_in_range(n, PEOPLE / 4, PEOPLE + 109);
    for (int64_t p = PEOPLE - 100; p <= PEOPLE; p++) { /* of the last */
        JourneyStats s;
        journey_stats(j, &s);
        assert_int_equal(s.events, n);
    }
    journey_close(j);
    done(dir);
}

#ifdef FAULT_INJECTION
static void mending_can_be_repeated_after_a_fault_at_any_step(void **state)
{
    bool fired = true;
    (void)state;
    for (int n = 1; fired; n++) {
        char    *dir = filled();
        Journey *j;
        Err      err;
        int64_t  events = 0;
        Told     t = {0};
        assert_int_equal(truncate(path_of(dir, ".seg", 1), 1000), 0);
        flip(path_of(dir, ".seg", 0), 3);
        fault_arm(n, false);
        if (journey_open(dir, &MEND, &j, &err) == ST_OK) {
            Status st = journey_mend(j, tell, &t, &err);
            assert_true(st == ST_OK || fault_fired());
            journey_close(j);
        }
        fired = fault_fired();
        fault_arm(0, false);
        (void)mended(dir);
        assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
        assert_ok(count(j, &events, &err), &err);
        assert_in_range(events, PEOPLE / 4, PEOPLE - 1);
        journey_close(j);
        done(dir);
    }
}
#endif

static void a_damaged_segment_does_not_stop_the_merging_of_others(void **state)
{
    JourneyOptions o = {.threads = 1, .memory_rows = 1000, .no_merging = true};
    char          *dir = filled();
    Journey       *j;
    JourneyStats   s;
    Err            err;
    int64_t        n;
    (void)state;
    flip(path_of(dir, ".seg", 1), 3);
    assert_ok(journey_open(dir, &o, &j, &err), &err);
    assert_fails(count(j, &n, &err), ST_IO, &err, "journey.corrupt"); /* seen once */
    for (int i = 0; i < 9; i++) {
        append_some(j, 1, 10, (UnixMs){MODEL_START + 10 + i});
        assert_ok(journey_settle(j, false, &err), &err);
    }
    journey_stats(j, &s);
    assert_true(s.segments < 9);
    journey_close(j);
    done(dir);
}

static void a_lost_end_of_the_links_is_found_and_later_links_count(void **state)
{
    char       *dir = model_dir();
    Journey    *j;
    Err         err;
    JourneyLink links[] = {{3, 900}, {6, 900}};
    log_min_level = LOG_ERROR + 1;
    (void)state;
    assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
    append_some(j, 1, 10, (UnixMs){MODEL_START});
    assert_ok(journey_remap(j, &links[0], 1, &err), &err);
    assert_ok(journey_settle(j, false, &err), &err);
    journey_close(j);
    assert_int_equal(truncate(path_of(dir, "links", 0), 0), 0);
    assert_int_equal(checked(dir).n, 1);
    assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
    assert_ok(journey_remap(j, links, 2, &err), &err);
    journey_close(j);
    assert_int_equal(checked(dir).n, 0);
    assert_ok(journey_open(dir, &LOOK, &j, &err), &err);
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1 << 16);
    assert_ok(journey_ask(j, STR("{\"type\":\"timeline\",\"profile\":900}"), NULL, &b, &err), &err);
    int n = 0;
    for (const char *p = b.ptr; (p = strstr(p, "\"Seen\"")) != NULL; p++)
        n++;
    assert_int_equal(n, 2);
    journey_close(j);
    done(dir);
}

static void damaged_links_are_left_out_when_it_is_wished(void **state)
{
    char       *dir = model_dir();
    Journey    *j;
    Err         err;
    JourneyLink links[] = {{3, 900}, {6, 901}, {9, 902}};
    log_min_level = LOG_ERROR + 1;
    (void)state;
    assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
    for (size_t i = 0; i < COUNT_OF(links); i++)
        assert_ok(journey_remap(j, &links[i], 1, &err), &err);
    journey_close(j);
    flip(path_of(dir, "links", 0), 32 + 20);
    assert_fails(journey_open(dir, &QUIET, &j, &err), ST_IO, &err, "journey.corrupt");
    assert_int_equal(mended(dir).n, 1);
    assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
    assert_int_equal(journey_profile(j, 3), 900);
    assert_int_equal(journey_profile(j, 6), 6);
    assert_int_equal(journey_profile(j, 9), 902);
    journey_close(j);
    done(dir);
}

static void a_missing_log_is_found(void **state)
{
    char    *dir = filled();
    Journey *j;
    Err      err;
    (void)state;
    for (int i = 0; i < 2; i++) { /* one log each */
        assert_ok(journey_open(dir, &QUIET, &j, &err), &err);
        append_some(j, 1, 3, (UnixMs){MODEL_START + 9});
        journey_close(j);
    }
    assert_int_equal(checked(dir).n, 0);
    assert_int_equal(unlink(path_of(dir, ".log", 1)), 0);
    assert_int_equal(checked(dir).n, 1);
    done(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missing_manifest_takes_no_segment_away),
        cmocka_unit_test(a_flipped_bit_in_the_manifest_costs_nothing),
        cmocka_unit_test(a_segment_that_cannot_be_read_costs_itself_alone),
        cmocka_unit_test(a_lost_segment_that_comes_back_counts_again),
        cmocka_unit_test(what_happens_to_a_file_does_not_happen_to_its_backup),
        cmocka_unit_test(a_backup_beside_a_writer_that_merges_is_taken_again),
        cmocka_unit_test(segments_that_were_exchanged_are_found),
        cmocka_unit_test(a_damaged_block_is_left_out_alone),
#ifdef FAULT_INJECTION
        cmocka_unit_test(mending_can_be_repeated_after_a_fault_at_any_step),
#endif
        cmocka_unit_test(a_damaged_segment_does_not_stop_the_merging_of_others),
        cmocka_unit_test(a_lost_end_of_the_links_is_found_and_later_links_count),
        cmocka_unit_test(damaged_links_are_left_out_when_it_is_wished),
        cmocka_unit_test(a_missing_log_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
