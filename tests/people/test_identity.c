/* Identifiers, edges and profiles: against brute force, and the rules of what joins by itself. */
#include "people/fixture.h"

#include "base/id.h"
#include "base/rng.h"
#include "people/identity_int.h"

#include <stdlib.h>

/* --- helpers --------------------------------------------------------------------------------- */

static PeopleLinked seen(World *w, int rule, const PeopleKnown *known, size_t n);

typedef struct Seen {
    const PeopleKnown *known;
    size_t             n;
    int                rule;
    PeopleLinked       linked;
} Seen;

static Status seen_tx(Cx *cx, void *arg)
{
    Seen *s = arg;
    return people_link(cx,
                       &(PeopleLinking){.known = s->known,
                                        .n = s->n,
                                        .rule = s->rule,
                                        .confidence = 50,
                                        .source = STR("test"),
                                        .evidence = STR("event-1")},
                       &s->linked);
}

static PeopleLinked seen(World *w, int rule, const PeopleKnown *known, size_t n)
{
    Seen s = {.known = known, .n = n, .rule = rule};
    assert_ok(cx_in_tx(&w->cx, seen_tx, &s), &w->cx.err);
    return s.linked;
}

#define SEEN(w, rule, ...)                                                                         \
    seen((w), (rule), (const PeopleKnown[]){__VA_ARGS__},                                          \
         sizeof((const PeopleKnown[]){__VA_ARGS__}) / sizeof(PeopleKnown))

static PeopleKnown user(const char *v)
{
    return (PeopleKnown){PEOPLE_USER_ID, str_from_cstr(v), true};
}
static PeopleKnown browser(const char *v)
{
    return (PeopleKnown){PEOPLE_ANONYMOUS_ID, str_from_cstr(v), false};
}
static PeopleKnown email(const char *v, bool verified)
{
    return (PeopleKnown){PEOPLE_EMAIL, str_from_cstr(v), verified};
}

static int64_t profile_of(World *w, int ns, const char *value)
{
    PeopleProfile p;
    assert_ok(people_find(&w->cx, ns, str_from_cstr(value), &p), &w->cx.err);
    return p.id;
}

static int64_t merged(World *w, int64_t a, int64_t b)
{
    PeopleProfile p;
    assert_ok(people_merge(&w->cx, a, b, STR("they said so"), &p), &w->cx.err);
    return p.id;
}

/* The newest edge of a person that is in this state, or 0. */
static int64_t edge_in(World *w, int64_t profile, int state, const char *reason)
{
    PeopleEdgeList list;
    assert_ok(people_edge_list(&w->cx, profile, &list), &w->cx.err);
    for (size_t i = 0; i < list.n; i++)
        if (list.items[i].state == state &&
            (reason == NULL || str_eq(list.items[i].reason, str_from_cstr(reason))))
            return list.items[i].id;
    return 0;
}

/* --- brute force ----------------------------------------------------------------------------- */

enum { IDS_MAX = 64, EDGES_MAX = 4096 };

typedef struct Model { /* all there is, as the tables have it */
    int64_t id[IDS_MAX], profile[IDS_MAX];
    bool    account[IDS_MAX];
    size_t  n;
    int64_t a[EDGES_MAX], b[EDGES_MAX];
    bool    manual[EDGES_MAX];
    size_t  nedges;
} Model;

static void read_rows(World *w, const DbFilter *f, void (*row)(Model *, DbRun *), Model *m)
{
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      more = true;
    assert_ok(cx_filter_run(&w->cx, f, "iii", &run), &w->cx.err);
    for (;;) {
        assert_ok(db_step(&run, &more, &w->cx.err), &w->cx.err);
        if (!more)
            return;
        row(m, &run);
    }
}

static void take_identifier(Model *m, DbRun *run)
{
    assert_true(m->n < IDS_MAX);
    m->id[m->n] = db_col_i64(run, 0);
    m->profile[m->n] = db_col_i64(run, 1);
    m->account[m->n] = db_col_i64(run, 2) == 1;
    m->n++;
}

static void take_edge(Model *m, DbRun *run)
{
    assert_true(m->nedges < EDGES_MAX);
    m->a[m->nedges] = db_col_i64(run, 0);
    m->b[m->nedges] = db_col_i64(run, 1);
    m->manual[m->nedges] = db_col_i64(run, 2) == 1;
    m->nedges++;
}

static size_t at(const Model *m, int64_t id)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->id[i] == id)
            return i;
    fail_msg("an edge leads to an identifier that there is not");
    return 0;
}

/* The smallest id that each can reach: pass over all edges until nothing changes. */
static void reach(const Model *m, bool with_manual, int64_t *ret)
{
    bool changed = true;
    for (size_t i = 0; i < m->n; i++)
        ret[i] = m->id[i];
    while (changed) {
        changed = false;
        for (size_t e = 0; e < m->nedges; e++) {
            size_t x = at(m, m->a[e]), y = at(m, m->b[e]);
            if ((m->manual[e] && !with_manual) || ret[x] == ret[y])
                continue;
            ret[x] = ret[y] = ret[x] < ret[y] ? ret[x] : ret[y];
            changed = true;
        }
    }
}

static void read_model(World *w, Model *m)
{
    DbFilter f;
    *m = (Model){0};
    db_filter_init(&f, &w->arena,
                   "SELECT id, profile_id, CASE WHEN namespace = 'user_id' THEN 1 ELSE 0 END"
                   " FROM people_identifier ORDER BY id");
    read_rows(w, &f, take_identifier, m);
    db_filter_init(&f, &w->arena,
                   "SELECT a_id, b_id, CASE WHEN rule = 'manual' THEN 1 ELSE 0 END"
                   " FROM people_edge WHERE state = 'active'");
    read_rows(w, &f, take_edge, m);
}

static int64_t profiles_kept(World *w)
{
    CLEANUP(db_run_end) DbRun run = {0};
    DbFilter                  f;
    bool                      row;
    db_filter_init(&f, &w->arena, "SELECT count(*) FROM people_profile");
    assert_ok(cx_filter_run(&w->cx, &f, "i", &run), &w->cx.err);
    assert_ok(db_step(&run, &row, &w->cx.err), &w->cx.err);
    return db_col_i64(&run, 0);
}

static void assert_sound(World *w)
{
    static Model m;
    int64_t      root[IDS_MAX] = {0}, alone[IDS_MAX] = {0}, accounts[IDS_MAX] = {0};
    int64_t      components = 0;
    read_model(w, &m);
    reach(&m, true, root);
    reach(&m, false, alone);
    for (size_t i = 0; i < m.n; i++) {
        PeopleProfile p;
        assert_int_equal(m.profile[i], root[i]);
        components += root[i] == m.id[i];
        accounts[at(&m, alone[i])] += m.account[i];
        assert_ok(people_profile_get(&w->cx, m.id[i], &p), &w->cx.err);
        int64_t members = 0;
        for (size_t k = 0; k < m.n; k++)
            members += root[k] == root[i];
        assert_int_equal(p.id, root[i]);
        assert_int_equal(p.identifiers, members);
    }
    assert_int_equal(profiles_kept(w), components);
    for (size_t i = 0; i < m.n; i++)
        assert_true(accounts[i] <= 1); /* nothing but staff joins two accounts */
}

static PeopleKnown any_of(World *w, Rng *rng)
{
    static const char *const USERS[] = {"u-ann", "u-bob", "u-cem", "u-dee"};
    static const char *const MAILS[] = {"ann@x.example", "bob@x.example", "cem@x.example"};
    static const char *const WEBS[] = {"web-1", "web-2", "web-3", "web-4", "web-5"};
    (void)w;
    switch (rng_below(rng, 3)) {
    case 0: return user(USERS[rng_below(rng, COUNT_OF(USERS))]);
    case 1: return email(MAILS[rng_below(rng, COUNT_OF(MAILS))], rng_below(rng, 3) == 0);
    default: return browser(WEBS[rng_below(rng, COUNT_OF(WEBS))]);
    }
}

static void step(World *w, Rng *rng)
{
    static const int RULES[] = {PEOPLE_SAME_EVENT, PEOPLE_LOGIN, PEOPLE_VERIFIED_EMAIL,
                                PEOPLE_IMPORT};
    static Model     m;
    PeopleProfile    p;
    read_model(w, &m);
    uint64_t what = rng_below(rng, 10);
    if (what < 6 || m.n < 2) {
        PeopleKnown known[3] = {any_of(w, rng), any_of(w, rng), any_of(w, rng)};
        seen(w, RULES[rng_below(rng, COUNT_OF(RULES))], known, 1 + rng_below(rng, 3));
    } else if (what < 8) {
        Status st = people_merge(&w->cx, m.id[rng_below(rng, m.n)], m.id[rng_below(rng, m.n)],
                                 STR("random"), &p);
        assert_true(st == ST_OK || strcmp(w->cx.err.code, "people.same_customer") == 0);
    } else if (what == 8) {
        int64_t profile = m.profile[rng_below(rng, m.n)], edge;
        edge = edge_in(w, profile, PEOPLE_EDGE_ACTIVE, NULL);
        if (edge != 0)
            assert_ok(people_unmerge(&w->cx, edge, STR("random")), &w->cx.err);
    } else {
        PeopleIdentifierList list;
        int64_t              some[IDS_MAX];
        size_t               n = 0;
        int64_t              profile = m.profile[rng_below(rng, m.n)];
        assert_ok(people_identifier_list(&w->cx, profile, &list), &w->cx.err);
        for (size_t i = 0; i < list.n; i++)
            if (rng_below(rng, 2) == 0)
                some[n++] = list.items[i].id;
        PeopleIds ids = {some, n};
        Status    st = people_split(&w->cx, profile, &ids, STR("random"));
        assert_int_equal(st == ST_OK, n > 0 && n < list.n);
    }
}

static void components_equal_brute_force_whatever_happens(void **state)
{
    World   *w = *state;
    uint64_t seed = 20261122;
    Rng      rng = rng_of(seed);
    for (int i = 0; i < 150; i++) {
        step(w, &rng);
        assert_sound(w);
        later(w, SPAN_MINUTES(7));
        world_again(w);
    }
}

/* --- un-merging ------------------------------------------------------------------------------ */

typedef struct Noting {
    int64_t identifier;
    Str     json;
    bool    verified;
} Noting;

static Status note_tx(Cx *cx, void *arg)
{
    Noting          *n = arg;
    const JsonValue *v;
    TRY(json_parse(cx->arena, n->json, &v, &cx->err));
    PeopleTraits in = {.identifier_id = n->identifier,
                       .values = v,
                       .verified = n->verified,
                       .source = STR("test"),
                       .at = cx->now};
    TRY(people_traits_note(cx, &in, NULL));
    PeopleConsent c = {.purpose = STR("analytics"),
                       .status = n->verified ? PEOPLE_GRANTED : PEOPLE_DENIED};
    return people_consent_note(cx, n->identifier, &c);
}

static void note(World *w, int64_t identifier, const char *json, bool verified)
{
    Noting n = {identifier, str_from_cstr(json), verified};
    assert_ok(cx_in_tx(&w->cx, note_tx, &n), &w->cx.err);
}

static Str portrait(World *w, int64_t id)
{
    CLEANUP(buf_done) Buf b;
    PeopleProfile         p;
    bool                  may;
    buf_init(&b, 1 << 20);
    assert_ok(people_profile_get(&w->cx, id, &p), &w->cx.err);
    assert_ok(people_may(&w->cx, id, STR("analytics"), &may), &w->cx.err);
    Json j = json_begin(&b);
    shape_write(&j, NULL, &people_profile_shape, &p);
    buf_addf(&b, " %d", may);
    return str_dup(&w->arena, buf_str(&b));
}

static void unmerging_restores_both_people_exactly(void **state)
{
    World       *w = *state;
    PeopleLinked ann = SEEN(w, PEOPLE_LOGIN, user("u-ann"), browser("web-1"));
    note(w, ann.identifier_id, "{\"name\":\"Ann\",\"plan\":\"gold\",\"nested\":{\"a\":[1,2]}}",
         true);
    later(w, SPAN_DAYS(1));
    PeopleLinked bob = SEEN(w, PEOPLE_LOGIN, user("u-bob"), email("bob@x.example", true));
    note(w, bob.identifier_id, "{\"name\":\"Bob\",\"city\":\"Delft\"}", false);
    Str     before_ann = portrait(w, ann.profile_id), before_bob = portrait(w, bob.profile_id);
    int64_t one = merged(w, bob.profile_id, ann.profile_id);
    assert_int_equal(one, ann.profile_id);
    PeopleProfile p;
    assert_ok(people_profile_get(&w->cx, bob.profile_id, &p), &w->cx.err); /* the old id is good */
    assert_int_equal(p.id, ann.profile_id);
    assert_int_equal(p.identifiers, 4);
    assert_str(p.name, "Ann"); /* verified outweighs newer */
    assert_non_null(memmem(p.traits.ptr, p.traits.len, "Delft", 5));
    assert_ok(people_unmerge(&w->cx, edge_in(w, one, PEOPLE_EDGE_ACTIVE, NULL), STR("wrong")),
              &w->cx.err);
    Str after_ann = portrait(w, ann.profile_id), after_bob = portrait(w, bob.profile_id);
    assert_true(str_eq(before_ann, after_ann));
    assert_true(str_eq(before_bob, after_bob));
}

static void what_staff_part_does_not_come_together_by_itself(void **state)
{
    World       *w = *state;
    PeopleLinked ann = SEEN(w, PEOPLE_LOGIN, user("u-ann"), browser("web-1"));
    int64_t      edge = edge_in(w, ann.profile_id, PEOPLE_EDGE_ACTIVE, NULL);
    assert_ok(people_unmerge(&w->cx, edge, STR("not her browser")), &w->cx.err);
    assert_int_not_equal(profile_of(w, PEOPLE_USER_ID, "u-ann"),
                         profile_of(w, PEOPLE_ANONYMOUS_ID, "web-1"));
    PeopleLinked again = SEEN(w, PEOPLE_LOGIN, user("u-ann"), browser("web-1"));
    assert_int_equal(again.refused, 1);
    assert_int_not_equal(profile_of(w, PEOPLE_USER_ID, "u-ann"),
                         profile_of(w, PEOPLE_ANONYMOUS_ID, "web-1"));
    assert_fails(people_unmerge(&w->cx, edge, STR("")), ST_CONFLICT, &w->cx.err,
                 "people.not_linked");
}

static void new_evidence_does_not_join_accounts_behind_a_merge(void **state)
{
    World       *w = *state;
    PeopleLinked ann = SEEN(w, PEOPLE_LOGIN, user("u-ann"), browser("web-1"));
    PeopleLinked bob = SEEN(w, PEOPLE_LOGIN, user("u-bob"), browser("web-2"));
    int64_t      one = merged(w, ann.profile_id, bob.profile_id);
    int64_t      edge = edge_in(w, one, PEOPLE_EDGE_ACTIVE, NULL);
    assert_int_equal(SEEN(w, PEOPLE_SAME_EVENT, browser("web-1"), browser("web-2")).refused, 1);
    assert_ok(people_unmerge(&w->cx, edge, STR("two after all")), &w->cx.err);
    assert_int_not_equal(profile_of(w, PEOPLE_USER_ID, "u-ann"),
                         profile_of(w, PEOPLE_USER_ID, "u-bob"));
    assert_sound(w);
}

/* --- what does not join ---------------------------------------------------------------------- */

static void two_accounts_never_join_by_themselves(void **state)
{
    World       *w = *state;
    PeopleLinked ann = SEEN(w, PEOPLE_LOGIN, user("u-ann"), browser("web-1"));
    PeopleLinked bob = SEEN(w, PEOPLE_LOGIN, user("u-bob"), browser("web-1"));
    assert_int_equal(bob.refused, 1);
    assert_int_not_equal(ann.profile_id, bob.profile_id);
    assert_int_not_equal(edge_in(w, bob.profile_id, PEOPLE_EDGE_REFUSED, "two_accounts"), 0);
    assert_int_equal(SEEN(w, PEOPLE_IMPORT, user("u-ann"), user("u-bob")).refused, 1);
    assert_sound(w);
}

static void a_shared_browser_belongs_to_nobody(void **state)
{
    World *w = *state;
    SEEN(w, PEOPLE_LOGIN, user("u-ann"), browser("kiosk-7"));
    assert_int_equal(profile_of(w, PEOPLE_USER_ID, "u-ann"),
                     profile_of(w, PEOPLE_ANONYMOUS_ID, "kiosk-7"));
    SEEN(w, PEOPLE_LOGIN, user("u-bob"), browser("kiosk-7"));
    SEEN(w, PEOPLE_LOGIN, user("u-cem"), browser("kiosk-7")); /* one more than a family has */
    assert_int_not_equal(profile_of(w, PEOPLE_USER_ID, "u-ann"),
                         profile_of(w, PEOPLE_ANONYMOUS_ID, "kiosk-7"));
    PeopleLinked after = SEEN(w, PEOPLE_LOGIN, user("u-dee"), browser("kiosk-7"));
    assert_int_equal(after.refused, 1);
    assert_int_not_equal(edge_in(w, after.profile_id, PEOPLE_EDGE_REFUSED, "shared_device"), 0);
    assert_sound(w);
}

static void claiming_an_address_gives_nothing_of_whose_it_is(void **state)
{
    World *w = *state;
    SEEN(w, PEOPLE_VERIFIED_EMAIL, user("u-ann"), email("Ann@X.example", true));
    PeopleLinked thief =
        SEEN(w, PEOPLE_SAME_EVENT, browser("web-9"), email("ann@x.example", false));
    assert_int_equal(thief.refused, 1);
    assert_int_not_equal(thief.profile_id, profile_of(w, PEOPLE_USER_ID, "u-ann"));
    assert_int_not_equal(edge_in(w, thief.profile_id, PEOPLE_EDGE_REFUSED, "unverified"), 0);
}

static void proof_takes_an_address_from_those_who_claimed_it(void **state)
{
    World       *w = *state;
    PeopleLinked early =
        SEEN(w, PEOPLE_SAME_EVENT, browser("web-9"), email("ann@x.example", false));
    assert_int_equal(early.profile_id, profile_of(w, PEOPLE_EMAIL, "ann@x.example"));
    SEEN(w, PEOPLE_VERIFIED_EMAIL, user("u-ann"), email("ann@x.example", true));
    assert_int_equal(profile_of(w, PEOPLE_EMAIL, "ann@x.example"),
                     profile_of(w, PEOPLE_USER_ID, "u-ann"));
    assert_int_not_equal(profile_of(w, PEOPLE_ANONYMOUS_ID, "web-9"),
                         profile_of(w, PEOPLE_USER_ID, "u-ann"));
    assert_sound(w);
}

static void nobody_has_more_addresses_than_the_limit(void **state)
{
    World *w = *state;
    char   text[32];
    SEEN(w, PEOPLE_LOGIN, user("u-ann"));
    for (int i = 0; i < 5; i++) {
        snprintf(text, sizeof text, "ann%d@x.example", i);
        assert_int_equal(SEEN(w, PEOPLE_IMPORT, user("u-ann"), email(text, true)).refused, 0);
    }
    PeopleLinked more = SEEN(w, PEOPLE_IMPORT, user("u-ann"), email("ann5@x.example", true));
    assert_int_equal(more.refused, 1);
    assert_int_not_equal(edge_in(w, more.profile_id, PEOPLE_EDGE_REFUSED, "limit"), 0);
}

static void junk_names_nobody(void **state)
{
    static const PeopleKnown JUNK[] = {
        {PEOPLE_ANONYMOUS_ID, STR_INIT("null"), false},
        {PEOPLE_USER_ID, STR_INIT("undefined"), true},
        {PEOPLE_ANONYMOUS_ID, STR_INIT("00000000-0000-0000-0000-000000000000"), false},
        {PEOPLE_USER_ID, STR_INIT("(not set)"), true},
        {PEOPLE_EMAIL, STR_INIT("Test@Test.com"), true},
        {PEOPLE_EMAIL, STR_INIT("not an address"), false},
        {PEOPLE_EMAIL, STR_INIT("a@b@c.example"), false},
        {PEOPLE_ANONYMOUS_ID, STR_INIT("{00000000-0000-0000-0000-000000000000}"), false},
        {PEOPLE_USER_ID, STR_INIT("Distinct_ID"), true},
        {PEOPLE_EMAIL, STR_INIT("Test@Example.com"), true},
        {PEOPLE_PHONE, STR_INIT("12"), false},
        {PEOPLE_PHONE, STR_INIT("(000) 000-0000"), true},
        {PEOPLE_PHONE, STR_INIT("+9 999 999 99 99"), true},
        {PEOPLE_USER_ID, STR_INIT("  "), true},
        {PEOPLE_USER_ID, STR_INIT("a\nb"), true},
    };
    World *w = *state;
    for (size_t i = 0; i < COUNT_OF(JUNK); i++) {
        PeopleLinked l = seen(w, PEOPLE_IMPORT, &JUNK[i], 1);
        assert_int_equal(l.profile_id, 0);
        assert_int_equal(l.blocked, 1);
    }
    assert_int_equal(profiles_kept(w), 0);
}

static void identifiers_are_compared_as_people_read_them(void **state)
{
    World *w = *state;
    SEEN(w, PEOPLE_IMPORT, email(" Jürgen@Example.COM ", true),
         (PeopleKnown){PEOPLE_PHONE, STR("0049 (30) 123-45"), true});
    PeopleProfile p;
    assert_ok(people_find(&w->cx, PEOPLE_EMAIL, STR("jürgen@example.com"), &p), &w->cx.err);
    assert_ok(people_find(&w->cx, PEOPLE_PHONE, STR("+493012345"), &p), &w->cx.err);
    assert_ok(people_find(&w->cx, PEOPLE_PHONE, STR("+49 (0) 30 12345"), &p), &w->cx.err);
    assert_str(p.lifecycle, "lead");
    PeopleProfileList found;
    assert_ok(people_profile_search(&w->cx, STR("JÜRG"), &found), &w->cx.err);
    assert_int_equal(found.n, 1);
    assert_ok(people_profile_search(&w->cx, STR("+49301"), &found), &w->cx.err);
    assert_int_equal(found.n, 1);
    assert_ok(people_profile_search(&w->cx, STR("nobody"), &found), &w->cx.err);
    assert_int_equal(found.n, 0);
}

static void a_blocked_value_names_nobody_from_then_on(void **state)
{
    World              *w = *state;
    PeopleIdentityRules rules = people_identity_defaults;
    Str                 list[] = {STR_INIT("Kiosk-9"), STR_INIT("020 123 45 67")};
    SEEN(w, PEOPLE_LOGIN, user("u-ann"), browser("kiosk-9"));
    rules.blocked = (PeopleTexts){list, COUNT_OF(list)};
    assert_ok(setting_put(&w->cx, &people_identity_setting, 0, &rules, NULL), &w->cx.err);
    PeopleLinked bob = SEEN(w, PEOPLE_LOGIN, user("u-bob"), browser("KIOSK-9"));
    assert_int_equal(bob.blocked, 1);
    assert_int_equal(bob.refused, 0);
    PeopleKnown phone = {PEOPLE_PHONE, STR_INIT("(020) 1234567"), true};
    assert_int_equal(seen(w, PEOPLE_IMPORT, &phone, 1).profile_id, 0);
    assert_sound(w);
}

/* Of the shop's tablet: nobody of those who sign in there is taken for another. */
static void thirty_people_on_a_tablet_stay_thirty(void **state)
{
    World  *w = *state;
    char    text[32];
    int64_t last = 0;
    for (int i = 0; i < 30; i++) {
        snprintf(text, sizeof text, "u-%d", i);
        SEEN(w, PEOPLE_LOGIN, user(text), browser("tablet"));
    }
    for (int i = 0; i < 30; i++) {
        snprintf(text, sizeof text, "u-%d", i);
        PeopleProfile p;
        assert_ok(people_find(&w->cx, PEOPLE_USER_ID, str_from_cstr(text), &p), &w->cx.err);
        assert_int_equal(p.identifiers, 1);
        assert_true(p.id > last);
        last = p.id;
    }
    assert_true(profile_of(w, PEOPLE_ANONYMOUS_ID, "tablet") !=
                profile_of(w, PEOPLE_USER_ID, "u-0"));
    assert_sound(w);
}

/* A robot that brings a new browser with every event, to an account that it knows of. */
static void refused_links_do_not_bury_the_evidence(void **state)
{
    World *w = *state;
    char   text[32];
    SEEN(w, PEOPLE_SAME_EVENT, (PeopleKnown){PEOPLE_USER_ID, STR("u-ann"), false}, browser("mine"));
    for (int i = 0; i < 500 + PEOPLE_REFUSED_MAX + 200; i++) {
        snprintf(text, sizeof text, "robot-%d", i);
        SEEN(w, PEOPLE_SAME_EVENT, (PeopleKnown){PEOPLE_USER_ID, STR("u-ann"), false},
             browser(text));
        world_again(w);
    }
    PeopleProfile  p;
    PeopleEdgeList list;
    assert_ok(people_find(&w->cx, PEOPLE_USER_ID, STR("u-ann"), &p), &w->cx.err);
    assert_int_equal(p.identifiers, 1 + 500);
    assert_ok(people_edge_list(&w->cx, p.id, &list), &w->cx.err);
    size_t refused = 0;
    for (size_t i = 0; i < list.n; i++)
        refused += list.items[i].state == PEOPLE_EDGE_REFUSED;
    assert_int_equal(refused, PEOPLE_REFUSED_MAX);
    assert_int_equal(list.n, 500 + PEOPLE_REFUSED_MAX);
    /* Proof: what was merely claimed goes, however much was refused meanwhile. */
    SEEN(w, PEOPLE_LOGIN, user("u-ann"));
    assert_ok(people_find(&w->cx, PEOPLE_USER_ID, STR("u-ann"), &p), &w->cx.err);
    assert_int_equal(p.identifiers, 1);
}

/* --- consent --------------------------------------------------------------------------------- */

static Status answer_tx(Cx *cx, void *arg)
{
    const Noting *n = arg;
    PeopleConsent c = {.purpose = n->json,
                       .status = n->verified ? PEOPLE_GRANTED : PEOPLE_DENIED,
                       .source = STR("test")};
    return people_consent_note(cx, n->identifier, &c);
}

static void answer(World *w, int64_t identifier, const char *purpose, bool yes)
{
    Noting n = {identifier, str_from_cstr(purpose), yes};
    assert_ok(cx_in_tx(&w->cx, answer_tx, &n), &w->cx.err);
    later(w, SPAN_SECONDS(1));
}

static bool may(World *w, int64_t profile, const char *purpose)
{
    bool yes;
    assert_ok(people_may(&w->cx, profile, str_from_cstr(purpose), &yes), &w->cx.err);
    return yes;
}

static void an_answer_given_while_merged_stays_with_who_gave_it(void **state)
{
    World       *w = *state;
    PeopleLinked ann = SEEN(w, PEOPLE_LOGIN, user("u-ann"));
    PeopleLinked bob = SEEN(w, PEOPLE_LOGIN, user("u-bob"));
    answer(w, ann.identifier_id, "analytics", false);
    answer(w, ann.identifier_id, "marketing_email", true);
    int64_t one = merged(w, ann.profile_id, bob.profile_id);
    answer(w, bob.identifier_id, "analytics", false); /* the same as hers, but his own */
    answer(w, bob.identifier_id, "marketing_email", true);
    answer(w, bob.identifier_id, "marketing_email", true); /* adds nothing */
    PeopleConsentList list;
    assert_ok(people_consent_list(&w->cx, one, &list), &w->cx.err);
    assert_int_equal(list.n, 4);
    assert_ok(people_unmerge(&w->cx, edge_in(w, one, PEOPLE_EDGE_ACTIVE, NULL), STR("two")),
              &w->cx.err);
    assert_ok(people_consent_list(&w->cx, bob.profile_id, &list), &w->cx.err);
    assert_int_equal(list.n, 2);
    assert_true(may(w, bob.profile_id, "marketing_email"));
}

static void one_answer_is_not_lost_among_many_others(void **state)
{
    World       *w = *state;
    PeopleLinked ann = SEEN(w, PEOPLE_LOGIN, user("u-ann"));
    answer(w, ann.identifier_id, "marketing_email", true);
    for (int i = 0; i < 1200; i++) {
        answer(w, ann.identifier_id, "functional", i % 2 == 0);
        world_again(w);
    }
    assert_true(may(w, ann.profile_id, "marketing_email"));
    assert_false(may(w, ann.profile_id, "functional"));
}

/* --- faults ---------------------------------------------------------------------------------- */

static Status join_step(World *w)
{
    const PeopleKnown known[] = {user("u-new"), browser("web-new"), email("new@x.example", true)};
    Seen              s = {.known = known, .n = COUNT_OF(known), .rule = PEOPLE_LOGIN};
    return cx_in_tx(&w->cx, seen_tx, &s);
}

static Status part_step(World *w)
{
    PeopleProfile        p;
    PeopleIdentifierList list;
    TRY(people_find(&w->cx, PEOPLE_USER_ID, STR("u-new"), &p));
    TRY(people_identifier_list(&w->cx, p.id, &list));
    PeopleIds one = {&list.items[1].id, 1};
    return people_split(&w->cx, p.id, &one, STR("fault"));
}

static void joining_and_parting_survive_every_fault(void **state)
{
    World *w = *state;
    people_survives_faults(w, join_step);
    people_survives_faults(w, part_step);
    assert_sound(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_PEOPLE(components_equal_brute_force_whatever_happens),
        TEST_PEOPLE(unmerging_restores_both_people_exactly),
        TEST_PEOPLE(what_staff_part_does_not_come_together_by_itself),
        TEST_PEOPLE(new_evidence_does_not_join_accounts_behind_a_merge),
        TEST_PEOPLE(two_accounts_never_join_by_themselves),
        TEST_PEOPLE(a_shared_browser_belongs_to_nobody),
        TEST_PEOPLE(claiming_an_address_gives_nothing_of_whose_it_is),
        TEST_PEOPLE(proof_takes_an_address_from_those_who_claimed_it),
        TEST_PEOPLE(nobody_has_more_addresses_than_the_limit),
        TEST_PEOPLE(junk_names_nobody),
        TEST_PEOPLE(identifiers_are_compared_as_people_read_them),
        TEST_PEOPLE(a_blocked_value_names_nobody_from_then_on),
        TEST_PEOPLE(thirty_people_on_a_tablet_stay_thirty),
        TEST_PEOPLE(refused_links_do_not_bury_the_evidence),
        TEST_PEOPLE(an_answer_given_while_merged_stays_with_who_gave_it),
        TEST_PEOPLE(one_answer_is_not_lost_among_many_others),
        TEST_PEOPLE(joining_and_parting_survive_every_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
