/* SPDX-License-Identifier: EUPL-1.2 */
#include "script.h"

#include "world.h"

#include "../unit/pki_fixture.h"
#include "base/clock.h"
#include "base/number.h"

enum { WORDS_MAXIMUM = 16, LINE_SIZE = 256, DATE_SIZE = 24 };

struct line {
    char text[LINE_SIZE];
    const char *words[WORDS_MAXIMUM];
    size_t count;
};

struct story {
    struct world *world;
    const struct line *line;
    bool told; /* as expected so far */
    bool over; /* an event could not happen */
};

/* --- Words ------------------------------------------------------------------------------------------------------- */

static void split(const char *from, size_t length, struct line *out)
{
    WORLD_NEED(length < sizeof out->text);
    memcpy(out->text, from, length);
    out->text[length] = '\0';
    out->count = 0;
    for (char *at = out->text; *at != '\0';) {
        at += strspn(at, " ");
        if (*at == '\0') break;
        WORLD_NEED(out->count < WORDS_MAXIMUM);
        out->words[out->count++] = at;
        at += strcspn(at, " ");
        if (*at != '\0') *at++ = '\0';
    }
}

static bool has(const struct line *l, const char *word)
{
    for (size_t i = 0; i < l->count; i++) {
        if (strcmp(l->words[i], word) == 0) return true;
    }
    return false;
}

/* What stands after "key=", or NULL. */
static const char *value(const struct line *l, const char *key)
{
    size_t length = strlen(key);
    for (size_t i = 0; i < l->count; i++) {
        if (strncmp(l->words[i], key, length) == 0 && l->words[i][length] == '=') return l->words[i] + length + 1;
    }
    return NULL;
}

static int number(const struct line *l, const char *key, int otherwise)
{
    uint64_t n = 0;
    const char *text = value(l, key);
    if (text == NULL) return otherwise;
    WORLD_NEED(number_unsigned(slice_text(text), 1000000, &n));
    return (int)n;
}

/* A year or month stands for its first day, a day for its noon. */
static const char *full_date(const char *text, char full[DATE_SIZE])
{
    static const char rest[] = "0000-01-01T12:00:00Z";
    size_t length = strlen(text);
    WORLD_NEED(length < sizeof rest);
    (void)snprintf(full, DATE_SIZE, "%s%s", text, rest + length);
    return full;
}

static rfd_time date(const char *text)
{
    char full[DATE_SIZE];
    return moment(full_date(text, full));
}

static rfd_time date_value(const struct line *l, const char *key)
{
    const char *text = value(l, key);
    return text == NULL ? RFD_TIME_NONE : date(text);
}

static enum rfd_level level_of(const char *text)
{
    static const char *const names[] = {"B-B", "B-T", "B-LT", "B-LTA"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], text) == 0) return (enum rfd_level)i;
    }
    world_stop(__FILE__, __LINE__, text);
}

static void print_words(const char *before, const struct line *l)
{
    printf("# %s:", before);
    for (size_t i = 0; i < l->count; i++) printf(" %s", l->words[i]);
    printf("\n");
}

/* --- Members ----------------------------------------------------------------------------------------------------- */

static void add_member(struct world *w, const struct line *l, enum member_kind kind)
{
    char from[DATE_SIZE], to[DATE_SIZE];
    WORLD_NEED(l->count >= 4);
    struct member_wish wish = {.kind = kind,
                               .name = l->words[1],
                               .from = full_date(l->words[2], from),
                               .to = full_date(l->words[3], to),
                               .issuer = value(l, "by"),
                               .digest = value(l, "digest"),
                               .rsa_bits = number(l, "rsa", 0),
                               .nocheck = has(l, "nocheck"),
                               .asks_itself = has(l, "asks-itself"),
                               .no_ocsp = has(l, "no-ocsp"),
                               .no_crl = has(l, "no-crl"),
                               .remembers = has(l, "remembers")};
    struct member *m = world_add(w, &wish);
    m->period = number(l, "days", 7) * 86400 * RFD_SECOND;
    m->accuracy = number(l, "accuracy", 0);
    if (has(l, "weak")) m->weak = "SHA1";
}

/* --- Events ------------------------------------------------------------------------------------------------------ */

static struct rfd_sign_options options_of(struct story *s, char url[64])
{
    struct rfd_sign_options options = RFD_SIGN_OPTIONS_INIT;
    const char *service = value(s->line, "tsa");
    if (service != NULL) {
        (void)snprintf(url, 64, "http://tsa.example/%s", service);
        options.tsa_url = url;
    }
    options.fetcher = &s->world->fetcher;
    options.digest = number(s->line, "digest", 256) == 512 ? RFD_DIGEST_SHA512 : RFD_DIGEST_DEFAULT;
    options.time = date_value(s->line, "claimed");
    options.replace = true;
    return options;
}

static bool happened(struct story *s, rfd_status status, const struct rfd_error *error)
{
    if (status == RFD_OK) return true;
    print_words("impossible", s->line);
    printf("#   %s: %s\n", rfd_status_name(status), error->detail);
    for (int i = 0; i < error->cause_count; i++) printf("#   %s\n", error->causes[i].detail);
    s->told = false;
    s->over = true;
    return false;
}

static void do_sign(struct story *s)
{
    char url[64];
    struct rfd_error error = RFD_ERROR_INIT;
    struct rfd_sign_options options = options_of(s, url);
    struct rfd_trust *trust = world_trust(s->world);
    rfd_bytes update;
    options.key = world_key(world_find(s->world, s->line->words[2]));
    options.level = level_of(s->line->words[3]);
    options.trust = trust;
    if (happened(s, rfd_sign_memory(buf_slice(&s->world->document), &options, &update, NULL, &error), &error)) {
        buf_put(&s->world->document, update.data, update.length);
        rfd_bytes_free(&update);
    }
    rfd_key_free(options.key);
    rfd_trust_free(trust);
}

static void do_forge(struct story *s)
{
    char stamps[LINE_SIZE] = "";
    struct forgery f = {.digest = value(s->line, "digest"),
                        .claimed = date_value(s->line, "claimed"),
                        .archival_list = has(s->line, "lists"),
                        .format = value(s->line, "format")};
    if (value(s->line, "stamps") != NULL) (void)snprintf(stamps, sizeof stamps, "%s", value(s->line, "stamps"));
    char *at = stamps;
    for (size_t i = 0; i < 3 && *at != '\0'; i++) {
        f.stamps[i] = at;
        at += strcspn(at, ",");
        if (*at != '\0') *at++ = '\0';
    }
    world_forge(s->world, world_find(s->world, s->line->words[2]), &f);
}

typedef rfd_status change(const char *input, const char *output, const struct rfd_sign_options *options,
                          struct rfd_sign_report **report, struct rfd_error *error);

static void change_file(struct story *s, const struct rfd_sign_options *options, change *what)
{
    struct rfd_error error = RFD_ERROR_INIT;
    const char *in = folder_write("in.pdf", buf_slice(&s->world->document));
    const char *out = folder_file("out.pdf");
    if (!happened(s, what(in, out, options, NULL, &error), &error)) return;
    buf_dispose(&s->world->document);
    WORLD_NEED(file_read(out, &s->world->document));
}

static void do_stamp(struct story *s)
{
    char url[64];
    struct rfd_sign_options options = options_of(s, url);
    change_file(s, &options, rfd_timestamp_file);
}

static void do_extend(struct story *s)
{
    char url[64];
    struct rfd_sign_options options = options_of(s, url);
    struct rfd_trust *trust = world_trust(s->world);
    options.level = level_of(s->line->words[2]);
    options.trust = trust;
    change_file(s, &options, rfd_extend_file);
    rfd_trust_free(trust);
}

static void do_revoke(struct story *s)
{
    struct member *m = world_find(s->world, s->line->words[2]);
    m->revoked_known = s->world->now;
    m->revoked_at = date_value(s->line, "at");
    if (m->revoked_at == RFD_TIME_NONE) m->revoked_at = s->world->now;
    m->invalid_from = date_value(s->line, "invalid");
    m->released = RFD_TIME_NONE;
    m->reason = number(s->line, "reason", 0);
}

static void do_hold(struct story *s)
{
    do_revoke(s);
    world_find(s->world, s->line->words[2])->reason = REASON_HOLD;
}

static void do_release(struct story *s)
{
    world_find(s->world, s->line->words[2])->released = s->world->now;
}

static void do_close(struct story *s)
{
    world_find(s->world, s->line->words[2])->closed = s->world->now;
}

static void do_freeze(struct story *s)
{
    world_find(s->world, s->line->words[2])->frozen = s->world->now;
}

static void do_cut_off(struct story *s)
{
    s->world->cut_off = true;
}

static void do_on_line(struct story *s)
{
    s->world->cut_off = false;
}

/* --- Verification ------------------------------------------------------------------------------------------------ */

static const char *indication_word(enum rfd_indication indication)
{
    static const char *const words[] = {"PASSED", "INDETERMINATE", "FAILED"};
    return words[indication];
}

static void print_report(const struct rfd_signature_report *r)
{
    static const char *const levels[] = {"B-B", "B-T", "B-LT", "B-LTA"};
    char proven[CLOCK_TEXT_SIZE];
    printf("#   %s: %s %s, level %s%s, proven %s\n", r->signer, indication_word(r->indication),
           rfd_sub_indication_name(r->sub_indication), levels[r->level], r->baseline ? "" : " (no baseline)",
           clock_iso(r->proven_time, proven));
    for (size_t i = 0; i < r->timestamp_count; i++) {
        printf("#     time stamp of %s: %s %s\n", clock_iso(r->timestamps[i].time, proven),
               r->timestamps[i].valid ? "valid" : "not valid", r->timestamps[i].detail);
    }
    for (size_t i = 0; i < r->path_count; i++) {
        printf("#     %s: revocation %d %s %s\n", r->path[i].subject, (int)r->path[i].revocation,
               r->path[i].revocation_source, r->path[i].revocation_detail);
    }
    for (size_t i = 0; i < r->finding_count; i++) {
        printf("#     %s %s\n", rfd_finding_name(r->findings[i].code), r->findings[i].detail);
    }
}

static bool has_finding(const struct rfd_signature_report *r, const char *name)
{
    for (size_t i = 0; i < r->finding_count; i++) {
        if (strcmp(rfd_finding_name(r->findings[i].code), name) == 0) return true;
    }
    return false;
}

static bool is_proven(const struct rfd_signature_report *r, const char *wanted)
{
    enum { TOLERANCE = 60 };
    if (strcmp(wanted, "none") == 0) return r->proven_time == RFD_TIME_NONE;
    rfd_time t = date(wanted);
    return r->proven_time >= t && r->proven_time <= t + TOLERANCE * RFD_SECOND;
}

static bool is_as_expected(const struct rfd_signature_report *r, const struct line *l)
{
    const char *sub = l->count > 4 && l->words[4][0] >= 'A' && l->words[4][0] <= 'Z' ? l->words[4] : "";
    const char *level = value(l, "level");
    const char *proven = value(l, "proven");
    bool good = strcmp(indication_word(r->indication), l->words[3]) == 0 &&
                strcmp(rfd_sub_indication_name(r->sub_indication), sub) == 0;
    if (level != NULL && r->level != level_of(level)) good = false;
    if (proven != NULL && !is_proven(r, proven)) good = false;
    for (size_t i = 4; i < l->count; i++) {
        char sign = l->words[i][0];
        if (sign == '+' || sign == '-') good = good && has_finding(r, l->words[i] + 1) == (sign == '+');
    }
    return good;
}

static const struct rfd_signature_report *find_report(const struct rfd_verification *v, const char *who)
{
    uint64_t n = 0;
    if (who[0] == '#') {
        WORLD_NEED(number_unsigned(slice_text(who + 1), rfd_verification_count(v), &n) && n > 0);
        return rfd_verification_signature(v, (size_t)n - 1);
    }
    for (size_t i = 0; i < rfd_verification_count(v); i++) {
        const struct rfd_signature_report *r = rfd_verification_signature(v, i);
        if (strcmp(r->signer, who) == 0) return r;
    }
    world_stop(__FILE__, __LINE__, who);
}

static void do_verify(struct story *s)
{
    struct rfd_verify_options options = RFD_VERIFY_OPTIONS_INIT;
    struct rfd_error error = RFD_ERROR_INIT;
    struct rfd_verification *v;
    struct rfd_trust *trust = world_trust(s->world);
    options.trust = trust;
    options.fetcher = &s->world->fetcher;
    options.offline = has(s->line, "offline");
    rfd_status status = rfd_verify_memory(buf_slice(&s->world->document), &options, &v, &error);
    rfd_trust_free(trust);
    if (!happened(s, status, &error)) return;
    if (!is_as_expected(find_report(v, s->line->words[2]), s->line)) {
        s->told = false;
        print_words("expected", s->line);
        for (size_t i = 0; i < rfd_verification_count(v); i++) print_report(rfd_verification_signature(v, i));
    }
    rfd_verification_free(v);
}

/* --- The story --------------------------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    void (*act)(struct story *s);
    size_t words; /* at least */
} verbs[] = {
    {"sign", do_sign, 4},     {"forge", do_forge, 3},     {"stamp", do_stamp, 3},     {"extend", do_extend, 3},
    {"revoke", do_revoke, 3}, {"hold", do_hold, 3},       {"release", do_release, 3}, {"close", do_close, 3},
    {"freeze", do_freeze, 3}, {"cut-off", do_cut_off, 2}, {"on-line", do_on_line, 2}, {"verify", do_verify, 4},
};

static const char *const kinds[] = {
    [MEMBER_AUTHORITY] = "ca", [MEMBER_PERSON] = "person", [MEMBER_CLOCK] = "tsa", [MEMBER_RESPONDER] = "ocsp"};

static void tell(struct story *s, const struct line *l)
{
    s->line = l;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i], l->words[0]) == 0) {
            add_member(s->world, l, (enum member_kind)i);
            return;
        }
    }
    rfd_time when = date(l->words[0]);
    world_set_time(s->world, when > s->world->now ? when : s->world->now);
    for (size_t i = 0; l->count > 1 && i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(verbs[i].word, l->words[1]) != 0) continue;
        WORLD_NEED(l->count >= verbs[i].words);
        verbs[i].act(s);
        return;
    }
    world_stop(__FILE__, __LINE__, l->words[0]);
}

bool script_run(const char *text)
{
    static struct world world;
    struct story s = {.world = &world, .told = true};
    struct line line;
    world_begin(&world);
    while (*text != '\0' && !s.over) {
        size_t length = strcspn(text, "\n");
        split(text, length, &line);
        if (line.count > 0) tell(&s, &line);
        text += length + (text[length] == '\n');
    }
    world_end(&world);
    return s.told;
}
