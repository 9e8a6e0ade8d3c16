/* Edges between identifiers, and the components that they make. */
#include "people/identity_int.h"

#include "base/id.h"
#include "base/utf8.h"

#include <string.h>

const char *const people_rule_names[] = {"same_event", "login",  "verified_email",
                                         "manual",     "import", NULL};
const char *const people_edge_state_names[] = {"active", "revoked", "refused", NULL};

static const ShapeField EDGE_FIELDS[] = {
    SHAPE_ID(PeopleEdge, id, "edg"),
    SHAPE_ID(PeopleEdge, a_id, "idn", .doc = "One identifier …"),
    SHAPE_ID(PeopleEdge, b_id, "idn", .doc = "… and another of the same person."),
    SHAPE_ENUM(PeopleEdge, rule, people_rule_names, .doc = "Why they are taken for one person."),
    SHAPE_ENUM(PeopleEdge, state, people_edge_state_names,
               .doc = "refused: it was not believed, see `reason`."),
    SHAPE_INT(PeopleEdge, confidence, .doc = "0-100."),
    SHAPE_TEXT(PeopleEdge, source, .doc = "Where it came from."),
    SHAPE_TEXT(PeopleEdge, evidence, .doc = "The event, request or note that says so."),
    SHAPE_TEXT(PeopleEdge, actor, .doc = "Who made it."),
    SHAPE_TEXT(PeopleEdge, reason, .doc = "Why it was refused or revoked."),
    SHAPE_TIME(PeopleEdge, created_at),
    SHAPE_TIME(PeopleEdge, ended_at),
    SHAPE_TEXT(PeopleEdge, ended_by),
};
const Shape people_edge_shape = SHAPE_OF(PeopleEdge, "IdentityEdge", EDGE_FIELDS,
                                         .doc = "Two identifiers that name one person, and why.");

#define PARTED "parted by staff: "

enum { BETWEEN_MAX = 64, EVIDENCE_MAX = 200, ACTIVE_READ = 3 * PEOPLE_EDGES_MAX };

/* --- components ------------------------------------------------------------------------------ */

static size_t index_of(const PeopleIds *ids, int64_t id)
{
    size_t lo = 0, hi = ids->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (ids->items[mid] < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < ids->n && ids->items[lo] == id ? lo : SIZE_MAX;
}

static size_t root_of(size_t *up, size_t i)
{
    while (up[i] != i) {
        up[i] = up[up[i]];
        i = up[i];
    }
    return i;
}

/* For each of `ids` (ascending) the index of the first identifier of its component. */
static size_t *components(Arena *a, const PeopleIds *ids, const PeopleEdgeEndsList *edges)
{
    size_t *up = arena_array(a, size_t, ids->n + 1);
    for (size_t i = 0; i < ids->n; i++)
        up[i] = i;
    for (size_t e = 0; e < edges->n; e++) {
        size_t x = index_of(ids, edges->items[e].a_id), y = index_of(ids, edges->items[e].b_id);
        ASSERT(x != SIZE_MAX && y != SIZE_MAX); /* an active edge never leaves its profile */
        size_t rx = root_of(up, x), ry = root_of(up, y);
        up[rx < ry ? ry : rx] = rx < ry ? rx : ry;
    }
    for (size_t i = 0; i < ids->n; i++)
        up[i] = root_of(up, i);
    return up;
}

/* --- joining --------------------------------------------------------------------------------- */

typedef struct Linking {
    const PeopleLinking      *in;
    const PeopleIdentityRules rules;
    Str                       actor;
} Linking;

typedef struct End { /* one of the two identifiers to be linked */
    PeopleIdentifierRow row;
    bool                proven; /* verified by what is being linked now */
} End;

static bool is_browser(int ns)
{
    return ns == PEOPLE_ANONYMOUS_ID || ns == PEOPLE_DEVICE_ID;
}

/* How many identifiers two profiles have together, by namespace; and edges. */
typedef struct Sizes {
    int64_t of[PEOPLE_NAMESPACES];
    int64_t all, edges;
    int64_t accounts_a, accounts_b;
} Sizes;

static Status count_profile(Cx *cx, int64_t profile_id, Sizes *s, int64_t *ret_accounts)
{
    PeopleIdentifierRowList rows;
    int64_t                 edges;
    TRY(people_sql_identifier_of_profile(cx, profile_id, PEOPLE_IDENTIFIERS_MAX + 1, &rows));
    PeopleIds ids = people_member_ids(cx->arena, &rows);
    TRY(people_sql_edge_active_count(cx, ids.items, ids.n, &edges));
    *ret_accounts = 0;
    for (size_t i = 0; i < rows.n; i++) {
        s->of[rows.items[i].namespace]++;
        *ret_accounts += rows.items[i].namespace == PEOPLE_USER_ID;
    }
    s->all += (int64_t)rows.n;
    s->edges += edges;
    return ST_OK;
}

/* Why two profiles must not be joined by themselves; empty: they may. */
static Status judge_sizes(Cx *cx, const Linking *l, int64_t a, int64_t b, Str *ret)
{
    Sizes s = {0};
    TRY(count_profile(cx, a, &s, &s.accounts_a));
    TRY(count_profile(cx, b, &s, &s.accounts_b));
    bool too_many = s.all > PEOPLE_IDENTIFIERS_MAX || s.edges >= PEOPLE_EDGES_MAX ||
                    s.of[PEOPLE_EMAIL] > l->rules.emails || s.of[PEOPLE_PHONE] > l->rules.phones ||
                    s.of[PEOPLE_ANONYMOUS_ID] + s.of[PEOPLE_DEVICE_ID] > l->rules.browsers;
    *ret = s.accounts_a > 0 && s.accounts_b > 0 ? STR("two_accounts")
           : too_many                           ? STR("limit")
                                                : STR("");
    return ST_OK;
}

static Status judge(Cx *cx, const Linking *l, const End *a, const End *b,
                    const PeopleEdgeRowList *before, Str *ret)
{
    *ret = STR("");
    bool claimed = l->in->rule == PEOPLE_SAME_EVENT && ((a->row.verified_ms.has && !a->proven) ||
                                                        (b->row.verified_ms.has && !b->proven));
    if (a->row.shared || b->row.shared)
        *ret = STR("shared_device");
    else if (claimed)
        *ret = STR("unverified");
    for (size_t i = 0; i < before->n && ret->len == 0; i++)
        if (before->items[i].state == PEOPLE_EDGE_REVOKED &&
            str_starts(before->items[i].reason, STR(PARTED)))
            *ret = STR("parted");
    if (ret->len > 0 || a->row.profile_id == b->row.profile_id)
        return ST_OK;
    return judge_sizes(cx, l, a->row.profile_id, b->row.profile_id, ret);
}

/* The two profiles become the one with the smaller id. */
static Status join(Cx *cx, int64_t a, int64_t b, int64_t edge_id)
{
    int64_t                 into = a < b ? a : b, from = a < b ? b : a;
    PeopleIdentifierRowList rows;
    TRY(people_sql_identifier_of_profile(cx, from, PEOPLE_IDENTIFIERS_MAX + 1, &rows));
    PeopleIds ids = people_member_ids(cx->arena, &rows);
    TRY(people_sql_identifier_move(cx, ids.items, ids.n, into, NULL));
    TRY(people_profile_refresh(cx, from));
    TRY(people_profile_refresh(cx, into));
    return people_tell_moved(
        cx, &(PeopleMoved){.profile_id = into, .was_id = from, .edge_id = edge_id, .joined = true});
}

static Status add_edge(Cx *cx, const Linking *l, const End *a, const End *b, Str refused,
                       int64_t *ret_id)
{
    bool          in_order = a->row.id < b->row.id;
    PeopleEdgeRow row = {.id = id_new(),
                         .a_id = in_order ? a->row.id : b->row.id,
                         .b_id = in_order ? b->row.id : a->row.id,
                         .rule = l->in->rule,
                         .state = refused.len > 0 ? PEOPLE_EDGE_REFUSED : PEOPLE_EDGE_ACTIVE,
                         .confidence = l->in->confidence,
                         .source = utf8_truncate_bytes(l->in->source, EVIDENCE_MAX),
                         .evidence = utf8_truncate_bytes(l->in->evidence, EVIDENCE_MAX),
                         .actor = l->actor,
                         .reason = refused,
                         .created_ms = cx->now,
                         .ended_by = STR("")};
    *ret_id = row.id;
    return people_sql_edge_add(cx, &row, NULL);
}

/* Is it known already, so that another edge would say nothing new? */
static bool is_old_news(const PeopleEdgeRowList *before, int rule, Str refused)
{
    for (size_t i = 0; i < before->n; i++) {
        const PeopleEdgeRow *e = &before->items[i];
        bool same = e->rule == rule || (rule == PEOPLE_SAME_EVENT && refused.len == 0);
        if (same && refused.len == 0 && e->state == PEOPLE_EDGE_ACTIVE)
            return true;
        if (refused.len > 0 && ((e->state == PEOPLE_EDGE_REFUSED && e->rule == rule) ||
                                e->state == PEOPLE_EDGE_ACTIVE))
            return true;
    }
    return before->n >= BETWEEN_MAX;
}

/* Two of one profile that staff have made of two accounts: what comes by itself must not join
 * these accounts for when staff change their minds. */
static Status judge_together(Cx *cx, const End *a, const End *b, Str *ret)
{
    PeopleIdentifierRowList rows;
    PeopleEdgeEndsList      edges;
    TRY(people_members(cx, a->row.id, &rows));
    PeopleIds ids = people_member_ids(cx->arena, &rows);
    TRY(people_sql_edge_active_among(cx, ids.items, ids.n, ACTIVE_READ, &edges));
    if (edges.n >= PEOPLE_EDGES_MAX) {
        *ret = STR("limit");
        return ST_OK;
    }
    size_t n = 0;
    for (size_t i = 0; i < edges.n; i++)
        if (edges.items[i].rule != PEOPLE_MANUAL)
            edges.items[n++] = edges.items[i];
    edges.n = n;
    size_t *up = components(cx->arena, &ids, &edges);
    size_t  x = up[index_of(&ids, a->row.id)], y = up[index_of(&ids, b->row.id)];
    bool    at_x = false, at_y = false;
    for (size_t i = 0; i < ids.n; i++) {
        if (rows.items[i].namespace != PEOPLE_USER_ID)
            continue;
        at_x |= up[i] == x;
        at_y |= up[i] == y;
    }
    *ret = x != y && at_x && at_y ? STR("two_accounts") : STR("");
    return ST_OK;
}

/* A robot must not bury the evidence under links that were refused. */
static Status is_full(Cx *cx, int64_t a, int64_t b, bool *ret)
{
    int64_t at_a, at_b;
    TRY(people_sql_edge_refused_count(cx, a, PEOPLE_REFUSED_MAX, &at_a));
    TRY(people_sql_edge_refused_count(cx, b, PEOPLE_REFUSED_MAX, &at_b));
    *ret = at_a >= PEOPLE_REFUSED_MAX || at_b >= PEOPLE_REFUSED_MAX;
    return ST_OK;
}

static Status link_two(Cx *cx, const Linking *l, End *a, End *b, PeopleLinked *ret)
{
    PeopleEdgeRowList before;
    Str               refused;
    int64_t           edge_id;
    int64_t lo = a->row.id < b->row.id ? a->row.id : b->row.id, hi = a->row.id ^ b->row.id ^ lo;
    if (lo == hi)
        return ST_OK;
    TRY(people_sql_edge_between(cx, lo, hi, BETWEEN_MAX, &before));
    TRY(judge(cx, l, a, b, &before, &refused));
    bool together = a->row.profile_id == b->row.profile_id;
    if (together && refused.len == 0 && !is_old_news(&before, l->in->rule, refused))
        TRY(judge_together(cx, a, b, &refused));
    ret->refused += refused.len > 0;
    if (is_old_news(&before, l->in->rule, refused))
        return ST_OK;
    if (refused.len > 0) {
        bool full;
        TRY(is_full(cx, lo, hi, &full));
        if (full)
            return ST_OK;
    }
    TRY(add_edge(cx, l, a, b, refused, &edge_id));
    if (together || refused.len > 0)
        return ST_OK;
    TRY(join(cx, a->row.profile_id, b->row.profile_id, edge_id));
    return ST_OK;
}

/* --- parting --------------------------------------------------------------------------------- */

/* Give every component of what was the profile `was` the id that it should have. */
static Status settle(Cx *cx, int64_t was, int64_t edge_id)
{
    PeopleIdentifierRowList rows;
    PeopleEdgeEndsList      edges;
    TRY(people_sql_identifier_of_profile(cx, was, PEOPLE_IDENTIFIERS_MAX + 1, &rows));
    PeopleIds ids = people_member_ids(cx->arena, &rows);
    TRY(people_sql_edge_active_among(cx, ids.items, ids.n, ACTIVE_READ, &edges));
    size_t  *up = components(cx->arena, &ids, &edges);
    int64_t *moving = arena_array(cx->arena, int64_t, ids.n + 1);
    for (size_t root = 1; root < ids.n; root++) {
        size_t n = 0;
        if (up[root] != root)
            continue;
        for (size_t i = root; i < ids.n; i++)
            if (up[i] == root)
                moving[n++] = ids.items[i];
        TRY(people_sql_identifier_move(cx, moving, n, ids.items[root], NULL));
        TRY(people_profile_refresh(cx, ids.items[root]));
        TRY(people_tell_moved(
            cx, &(PeopleMoved){.profile_id = ids.items[root], .was_id = was, .edge_id = edge_id}));
    }
    return people_profile_refresh(cx, was);
}

Status people_edges_revoke(Cx *cx, int64_t profile_id, const PeopleIds *edges, Str reason)
{
    if (edges->n == 0)
        return ST_OK;
    TRY(people_sql_edge_end(cx, edges->items, edges->n, reason, people_actor_text(cx), cx->now,
                            NULL));
    return settle(cx, profile_id, edges->items[0]);
}

/* The active edges at one identifier; `rule` -1: of any rule. */
static Status edges_at(Cx *cx, int64_t id, int rule, PeopleIds *ret)
{
    PeopleEdgeEndsList a, b;
    TRY(people_sql_edge_active_among(cx, &id, 1, ACTIVE_READ, &a));
    TRY(people_sql_edge_active_into(cx, id, ACTIVE_READ, &b));
    PeopleIds ids = {.items = arena_array(cx->arena, int64_t, a.n + b.n + 1)};
    for (size_t i = 0; i < a.n + b.n; i++) {
        const PeopleEdgeEnds *e = i < a.n ? &a.items[i] : &b.items[i - a.n];
        if (rule < 0 || e->rule == rule)
            ids.items[ids.n++] = e->id;
    }
    *ret = ids;
    return ST_OK;
}

/* --- what comes by itself -------------------------------------------------------------------- */

/* A browser that too many accounts have used belongs to none of them. */
static Status guard_shared(Cx *cx, const Linking *l, const End *browser, const End *account)
{
    int64_t             accounts, changed;
    PeopleIds           edges;
    PeopleIdentifierRow row;
    if (!is_browser(browser->row.namespace) || account->row.namespace != PEOPLE_USER_ID ||
        browser->row.shared)
        return ST_OK;
    TRY(people_sql_edge_accounts(cx, browser->row.id, &accounts));
    if (accounts <= l->rules.shared_accounts)
        return ST_OK;
    TRY(people_sql_identifier_share(cx, browser->row.id, &changed));
    TRY(edges_at(cx, browser->row.id, -1, &edges));
    TRY(people_sql_identifier_get(cx, browser->row.id, &row));
    return people_edges_revoke(cx, row.profile_id, &edges, STR("shared_device"));
}

/* Somebody has proved that it is theirs: what others merely claimed does not hold any more. */
static Status drop_claims(Cx *cx, const End *end)
{
    PeopleIds           claims;
    PeopleIdentifierRow row;
    TRY(edges_at(cx, end->row.id, PEOPLE_SAME_EVENT, &claims));
    TRY(people_sql_identifier_get(cx, end->row.id, &row));
    return people_edges_revoke(cx, row.profile_id, &claims, STR("verified"));
}

static Status link_all(Cx *cx, const Linking *l, PeopleLinked *ret)
{
    End    ends[PEOPLE_KNOWN_MAX];
    bool   proved[PEOPLE_KNOWN_MAX];
    size_t n = 0;
    for (size_t i = 0; i < l->in->n; i++) {
        bool usable;
        if (people_identifier_blocked(cx->arena, &l->rules, &l->in->known[i])) {
            ret->blocked++;
            continue;
        }
        TRY(people_identifier_take(cx, &l->in->known[i], l->in->returned, &usable, &proved[n],
                                   &ends[n].row));
        ends[n].proven = l->in->known[i].verified;
        n += usable;
        ret->blocked += !usable;
    }
    for (size_t i = 1; i < n; i++) {
        /* Joining has moved identifiers: see where these are now. */
        TRY(people_sql_identifier_get(cx, ends[0].row.id, &ends[0].row));
        TRY(people_sql_identifier_get(cx, ends[i].row.id, &ends[i].row));
        TRY(link_two(cx, l, &ends[0], &ends[i], ret));
        TRY(guard_shared(cx, l, &ends[0], &ends[i]));
        TRY(guard_shared(cx, l, &ends[i], &ends[0]));
    }
    for (size_t i = 0; i < n; i++)
        if (proved[i])
            TRY(drop_claims(cx, &ends[i]));
    if (n == 0)
        return ST_OK;
    TRY(people_sql_identifier_get(cx, ends[0].row.id, &ends[0].row));
    ret->profile_id = ends[0].row.profile_id;
    ret->identifier_id = ends[0].row.id;
    return ST_OK;
}

Status people_link(Cx *cx, const PeopleLinking *in, PeopleLinked *ret)
{
    PeopleIdentityRules rules;
    PeopleLinked        linked = {0};
    ASSERT(cx->tx_depth > 0 && in->n >= 1 && in->n <= PEOPLE_KNOWN_MAX);
    ASSERT(in->rule != PEOPLE_MANUAL);
    TRY(setting_get(cx, &people_identity_setting, &rules, NULL));
    Linking l = {.in = in, .rules = rules, .actor = people_actor_text(cx)};
    TRY(link_all(cx, &l, &linked));
    *ret = linked;
    return ST_OK;
}

/* --- what the audit log says of it ------------------------------------------------------------ */

typedef struct IdentityNote {
    OptI64    with;
    OptI64    link;
    PeopleIds identifiers;
    Str       note;
} IdentityNote;

static const ShapeField NOTE_FIELDS[] = {
    SHAPE_ID(IdentityNote, with, "cus"),
    SHAPE_ID(IdentityNote, link, "edg"),
    SHAPE_IDS(IdentityNote, identifiers, "idn", .max = PEOPLE_IDENTIFIERS_MAX),
    SHAPE_TEXT(IdentityNote, note),
};
static const Shape note_shape =
    SHAPE_OF(IdentityNote, "IdentityNote", NOTE_FIELDS, .doc = "Why staff joined or parted them.");

static Status audit(Cx *cx, int64_t profile_id, const char *action, const IdentityNote *note)
{
    return audit_add(cx, "people.customer", profile_id, action, &note_shape, NULL, note);
}

/* --- by staff -------------------------------------------------------------------------------- */

typedef struct Merging {
    int64_t id, other;
    Str     note;
} Merging;

static Status merge_tx(Cx *cx, void *arg)
{
    Merging *m = arg;
    End      a = {.proven = true}, b = {.proven = true};
    int64_t  edge_id;
    Sizes    s = {0};
    TRY(people_sql_identifier_get(cx, m->id, &a.row));
    TRY(people_sql_identifier_get(cx, m->other, &b.row));
    if (a.row.profile_id == b.row.profile_id)
        return cx_fail(cx, ST_CONFLICT, "people.same_customer", "they are one customer already");
    TRY(count_profile(cx, a.row.profile_id, &s, &s.accounts_a));
    TRY(count_profile(cx, b.row.profile_id, &s, &s.accounts_b));
    if (s.all > PEOPLE_IDENTIFIERS_MAX || s.edges >= PEOPLE_EDGES_MAX)
        return cx_fail(cx, ST_LIMIT, "people.too_many_identifiers",
                       "one customer has at most %d identifiers", PEOPLE_IDENTIFIERS_MAX);
    /* From profile to profile: the edge is the same whichever of their ids were named. */
    TRY(people_sql_identifier_get(cx, a.row.profile_id, &a.row));
    TRY(people_sql_identifier_get(cx, b.row.profile_id, &b.row));
    Linking l = {.in = &(PeopleLinking){.rule = PEOPLE_MANUAL,
                                        .confidence = 100,
                                        .source = STR("staff"),
                                        .evidence = m->note},
                 .actor = people_actor_text(cx)};
    TRY(add_edge(cx, &l, &a, &b, STR(""), &edge_id));
    TRY(join(cx, a.row.id, b.row.id, edge_id));
    bool first = a.row.id < b.row.id;
    return audit(cx, first ? a.row.id : b.row.id, "merge",
                 &(IdentityNote){.with = opt_i64(first ? b.row.id : a.row.id),
                                 .link = opt_i64(edge_id),
                                 .note = m->note});
}

Status people_merge(Cx *cx, int64_t id, int64_t other_id, Str note, PeopleProfile *ret)
{
    Merging m = {.id = id, .other = other_id, .note = note};
    TRY(cx_require(cx, "customers.write"));
    TRY(cx_in_tx(cx, merge_tx, &m));
    return people_profile_get(cx, id, ret);
}

static Str parted(Arena *a, Str note)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 4096);
    buf_add(&b, STR(PARTED));
    buf_add(&b, utf8_truncate_bytes(note, EVIDENCE_MAX));
    return str_dup(a, buf_str(&b));
}

typedef struct Parting {
    int64_t          id; /* of the edge, or the profile */
    const PeopleIds *identifiers;
    Str              note;
} Parting;

static Status unmerge_tx(Cx *cx, void *arg)
{
    Parting            *p = arg;
    PeopleEdgeRow       edge;
    PeopleIdentifierRow row;
    TRY(people_sql_edge_get(cx, p->id, &edge));
    if (edge.state != PEOPLE_EDGE_ACTIVE)
        return cx_fail(cx, ST_CONFLICT, "people.not_linked", "this link does not hold any more");
    TRY(people_sql_identifier_get(cx, edge.a_id, &row));
    PeopleIds edges = {.items = &edge.id, .n = 1};
    TRY(people_edges_revoke(cx, row.profile_id, &edges, parted(cx->arena, p->note)));
    return audit(cx, row.profile_id, "unmerge",
                 &(IdentityNote){.link = opt_i64(edge.id), .note = p->note});
}

Status people_unmerge(Cx *cx, int64_t edge_id, Str note)
{
    TRY(cx_require(cx, "customers.write"));
    return cx_in_tx(cx, unmerge_tx, &(Parting){.id = edge_id, .note = note});
}

static bool listed(const PeopleIds *ids, int64_t id)
{
    for (size_t i = 0; i < ids->n; i++)
        if (ids->items[i] == id)
            return true;
    return false;
}

static Status split_tx(Cx *cx, void *arg)
{
    Parting                *p = arg;
    PeopleIdentifierRowList rows;
    PeopleEdgeEndsList      active;
    size_t                  given = 0;
    TRY(people_members(cx, p->id, &rows));
    PeopleIds ids = people_member_ids(cx->arena, &rows);
    bool     *apart = arena_array(cx->arena, bool, ids.n + 1);
    for (size_t i = 0; i < ids.n; i++) {
        apart[i] = listed(p->identifiers, ids.items[i]);
        given += apart[i];
    }
    if (given == 0 || given == ids.n || given != p->identifiers->n)
        return cx_fail(cx, ST_INVALID, "people.bad_split",
                       "name some, but not all, identifiers of this customer, each once");
    TRY(people_sql_edge_active_among(cx, ids.items, ids.n, ACTIVE_READ, &active));
    PeopleIds cut = {.items = arena_array(cx->arena, int64_t, active.n + 1)};
    for (size_t i = 0; i < active.n; i++)
        if (apart[index_of(&ids, active.items[i].a_id)] !=
            apart[index_of(&ids, active.items[i].b_id)])
            cut.items[cut.n++] = active.items[i].id;
    TRY(people_edges_revoke(cx, rows.items[0].profile_id, &cut, parted(cx->arena, p->note)));
    return audit(cx, rows.items[0].profile_id, "split",
                 &(IdentityNote){.identifiers = *p->identifiers, .note = p->note});
}

Status people_split(Cx *cx, int64_t profile_id, const PeopleIds *identifiers, Str note)
{
    TRY(cx_require(cx, "customers.write"));
    return cx_in_tx(cx, split_tx,
                    &(Parting){.id = profile_id, .identifiers = identifiers, .note = note});
}

/* --- evidence -------------------------------------------------------------------------------- */

static PeopleEdge edge_of(const PeopleEdgeRow *r)
{
    return (PeopleEdge){.id = r->id,
                        .a_id = r->a_id,
                        .b_id = r->b_id,
                        .rule = r->rule,
                        .state = r->state,
                        .confidence = r->confidence,
                        .source = r->source,
                        .evidence = r->evidence,
                        .actor = r->actor,
                        .reason = r->reason,
                        .created_at = r->created_ms,
                        .ended_at = r->ended_ms,
                        .ended_by = r->ended_by};
}

enum { EVIDENCE_ROWS = 5000 };

Status people_edge_list(Cx *cx, int64_t profile_id, PeopleEdgeList *ret)
{
    PeopleIdentifierRowList rows;
    PeopleEdgeRowList       a, b;
    TRY(people_members(cx, profile_id, &rows));
    PeopleIds ids = people_member_ids(cx->arena, &rows);
    TRY(people_sql_edge_of_a(cx, ids.items, ids.n, EVIDENCE_ROWS, &a));
    TRY(people_sql_edge_of_b(cx, ids.items, ids.n, EVIDENCE_ROWS, &b));
    PeopleEdgeList list = {.items = arena_array(cx->arena, PeopleEdge, a.n + b.n + 1)};
    for (size_t i = 0, j = 0; i < a.n || j < b.n;) {
        bool from_a = j >= b.n || (i < a.n && a.items[i].id >= b.items[j].id);
        if (i < a.n && j < b.n && a.items[i].id == b.items[j].id)
            j++; /* both ends are theirs: once */
        list.items[list.n++] = edge_of(from_a ? &a.items[i++] : &b.items[j++]);
    }
    *ret = list;
    return ST_OK;
}
