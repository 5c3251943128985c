/* SPDX-License-Identifier: EUPL-1.2
 *
 * The record of a ceremony: what was planned, who was there, what was done and made, with lines for signatures by hand,
 * on PDF/A; sealed with the new authority's own seal (record_seal.c).
 */
#include "domain/ceremony/record.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/language.h"
#include "pki/digest.h"
#include "print/printed.h"

enum { HEX_SIZE = 2 * CEREMONY_HASH_SIZE + CEREMONY_HASH_SIZE / 4 + 1, LABEL_WIDTH = 130, TEXT_SIZE = 512 };
static const double small_size = 8;
static const colour muted = 0x566270;

/** What is written on; texts that a part needs live in the arena until the end. */
struct sheet {
    struct ceremony *ceremony;
    struct printed *printed;
    struct arena *arena;
    bool failed; /* memory */
};

static const char *word(const struct sheet *s, const char *message)
{
    return language_get(s->ceremony->options->language, message);
}

static const char *text_of(struct sheet *s, const char *text)
{
    if (text == NULL) s->failed = true;
    return text == NULL ? "" : text;
}
#define PRINT(s, ...) text_of(s, arena_print((s)->arena, __VA_ARGS__))

/** "2026-11-22 01:02:03 UTC" */
static const char *moment(struct sheet *s, rfd_time t)
{
    char iso[CLOCK_TEXT_SIZE];
    slice text = slice_text(clock_iso(t, iso));
    if (text.length < 20) return "";
    return PRINT(s, "%.10s %.8s UTC", iso, iso + 11);
}

/** Hexadecimal digits in groups of eight, four to a line, so that they can be compared by eye. */
static const char *digits(struct sheet *s, slice octets)
{
    enum { GROUP = 4, LINE = 16 };
    struct buf b;
    buf_init(&b, HEX_SIZE);
    for (size_t i = 0; i < octets.length; i += GROUP) {
        /* A last group is not left alone on its line. */
        bool new_line = i % LINE == 0 && octets.length - i >= GROUP;
        if (i > 0) buf_put_byte(&b, new_line ? '\n' : ' ');
        buf_put_hex(&b, slice_part(octets, i, GROUP), false);
    }
    const char *text = text_of(s, arena_text(s->arena, buf_slice(&b)));
    buf_dispose(&b);
    return text;
}

/** A name with each attribute on a line of its own, without the escapes that one line needs (RFC 4514 §2.4). */
static const char *name_lines(struct sheet *s, slice name)
{
    struct buf text, lines;
    buf_init(&text, 2 * TEXT_SIZE);
    buf_init(&lines, 2 * TEXT_SIZE);
    certificate_put_name(&text, name);
    for (size_t i = 0; i < text.length; i++) {
        bool escaped = text.data[i] == '\\' && i + 1 < text.length;
        if (escaped) i++;
        buf_put_byte(&lines, text.data[i] == ',' && !escaped ? '\n' : text.data[i]);
    }
    const char *kept = text_of(s, arena_text(s->arena, buf_slice(&lines)));
    buf_dispose(&text);
    buf_dispose(&lines);
    return kept;
}

static const char *or_nothing(const char *text)
{
    return text == NULL ? "" : text;
}

static void put_note(struct sheet *s, const char *text)
{
    const struct span span = {slice_text(text), FONT_REGULAR, muted};
    const struct printed_text style = {.size = small_size, .after = 6};
    printed_paragraph(s->printed, &span, 1, &style);
}

/* ---- Parts ---- */

static const char *plan_digest(struct sheet *s)
{
    uint8_t hash[CEREMONY_HASH_SIZE];
    if (digest_of(DIGEST_SHA256, s->ceremony->options->plan_text, hash, NULL) != RFD_OK) return "";
    return digits(s, slice_of(hash, sizeof hash));
}

static void put_summary(struct sheet *s)
{
    struct ceremony *c = s->ceremony;
    const struct printed_pair pairs[] = {
        {word(s, N_("Authority")), c->plan->root.subject.cn},
        {word(s, N_("Plan")), c->plan->title},
        {word(s, N_("SHA-256 of the plan")), plan_digest(s)},
        {word(s, N_("Place")), c->plan->place},
        {word(s, N_("Time")), PRINT(s, "%s – %s", moment(s, c->begun), moment(s, c->steps[c->step_count - 1].begun))},
        {word(s, N_("Carried out by")), PRINT(s, "%.*s, Refrenda %s", (int)c->options->actor.length,
                                              (const char *)c->options->actor.data, rfd_version())},
    };
    printed_banner(s->printed, word(s, N_("Record of the key ceremony")), c->plan->root.subject.o, 0x17365d,
                   COLOUR_WHITE);
    printed_space(s->printed, 4);
    printed_pairs(s->printed, pairs, sizeof pairs / sizeof *pairs, LABEL_WIDTH);
}

static void put_people(struct sheet *s)
{
    enum { COLUMNS = 3, ROWS = 2 * PLAN_PEOPLE_MAXIMUM };
    const struct plan *plan = s->ceremony->plan;
    const struct printed_column columns[COLUMNS] = {{word(s, N_("Name")), 4, ALIGN_LEFT},
                                                    {word(s, N_("Post")), 4, ALIGN_LEFT},
                                                    {word(s, N_("Role")), 2, ALIGN_LEFT}};
    struct printed_cell cells[ROWS * COLUMNS];
    size_t rows = 0;
    for (unsigned i = 0; i < plan->root.custodian_count; i++, rows++) {
        const struct plan_person *p = &plan->root.custodians[i];
        cells[rows * COLUMNS] = (struct printed_cell){p->name, FONT_REGULAR, 0};
        cells[rows * COLUMNS + 1] = (struct printed_cell){or_nothing(p->post), FONT_REGULAR, 0};
        cells[rows * COLUMNS + 2] = (struct printed_cell){word(s, N_("Custodian")), FONT_REGULAR, 0};
    }
    for (unsigned i = 0; i < plan->witness_count; i++, rows++) {
        const struct plan_person *p = &plan->witnesses[i];
        cells[rows * COLUMNS] = (struct printed_cell){p->name, FONT_REGULAR, 0};
        cells[rows * COLUMNS + 1] = (struct printed_cell){or_nothing(p->post), FONT_REGULAR, 0};
        cells[rows * COLUMNS + 2] = (struct printed_cell){word(s, N_("Witness")), FONT_REGULAR, 0};
    }
    printed_heading(s->printed, 2, word(s, N_("Who was there")));
    printed_table(s->printed, columns, COLUMNS, cells, rows);
}

static void put_steps(struct sheet *s)
{
    enum { COLUMNS = 3 };
    struct ceremony *c = s->ceremony;
    const struct printed_column columns[COLUMNS] = {{word(s, N_("Step")), 1, ALIGN_RIGHT},
                                                    {word(s, N_("What was done")), 11, ALIGN_LEFT},
                                                    {word(s, N_("When")), 4, ALIGN_LEFT}};
    struct printed_cell cells[CEREMONY_STEPS_MAXIMUM * COLUMNS];
    size_t rows = 0;
    for (; rows + 1 < c->step_count; rows++) { /* the last is the writing of this */
        const struct ceremony_step_done *step = &c->steps[rows];
        cells[rows * COLUMNS] = (struct printed_cell){PRINT(s, "%zu", rows + 1), FONT_REGULAR, 0};
        cells[rows * COLUMNS + 1] = (struct printed_cell){word(s, step->title), FONT_REGULAR, 0};
        cells[rows * COLUMNS + 2] = (struct printed_cell){moment(s, step->ended), FONT_REGULAR, 0};
    }
    printed_heading(s->printed, 2, word(s, N_("What was done")));
    printed_table(s->printed, columns, COLUMNS, cells, rows);
}

static void put_shares(struct sheet *s)
{
    enum { COLUMNS = 3 };
    struct ceremony *c = s->ceremony;
    const struct plan_root *root = &c->plan->root;
    const struct printed_column columns[COLUMNS] = {{word(s, N_("Share")), 1, ALIGN_RIGHT},
                                                    {word(s, N_("Custodian")), 4, ALIGN_LEFT},
                                                    {word(s, N_("SHA-256 of the share")), 9, ALIGN_LEFT}};
    struct printed_cell cells[PLAN_PEOPLE_MAXIMUM * COLUMNS];
    for (unsigned i = 0; i < root->custodian_count; i++) {
        cells[i * COLUMNS] = (struct printed_cell){PRINT(s, "%u", i + 1), FONT_REGULAR, 0};
        cells[i * COLUMNS + 1] = (struct printed_cell){root->custodians[i].name, FONT_REGULAR, 0};
        cells[i * COLUMNS + 2] =
            (struct printed_cell){digits(s, slice_of(c->shares[i].hash, CEREMONY_HASH_SIZE)), FONT_REGULAR, 0};
    }
    printed_heading(s->printed, 2, word(s, N_("The root's passphrase")));
    char text[TEXT_SIZE];
    (void)snprintf(text, sizeof text,
                   word(s, N_("256 random bits, shared by Shamir's method among %u custodians, any %u of whom can open "
                              "the root's store. Before the root's key signed anything, the store was opened with the "
                              "shares read back from their files.")),
                   root->custodian_count, root->needed);
    printed_words(s->printed, PRINT(s, "%s", text));
    printed_space(s->printed, 4);
    printed_table(s->printed, columns, COLUMNS, cells, root->custodian_count);
}

/* ---- Keys and certificates ---- */

static const char *store_word(const struct sheet *s, const char *store)
{
    static const struct {
        const char *store, *title;
    } words[] = {{"root", N_("root's store, off line")}, {"authority", N_("authority's store")},
                 {"signer", N_("signers' stores")},      {"personal", N_("personal keeper's store")},
                 {"tls", N_("file of the server")},      {"file", N_("file, handed out")}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].store, store) == 0) return word(s, words[i].title);
    }
    return store;
}

static void put_keys(struct sheet *s)
{
    enum { COLUMNS = 4 };
    struct ceremony *c = s->ceremony;
    const struct printed_column columns[COLUMNS] = {{word(s, N_("Key")), 3, ALIGN_LEFT},
                                                    {word(s, N_("Kind")), 2, ALIGN_LEFT},
                                                    {word(s, N_("Where")), 3, ALIGN_LEFT},
                                                    {word(s, N_("SHA-256 of the public key")), 7, ALIGN_LEFT}};
    struct printed_cell cells[CEREMONY_KEYS_MAXIMUM * COLUMNS];
    for (size_t i = 0; i < c->key_count; i++) {
        const struct ceremony_key *k = &c->keys[i];
        cells[i * COLUMNS] = (struct printed_cell){k->name, FONT_BOLD, 0};
        cells[i * COLUMNS + 1] = (struct printed_cell){k->algorithm, FONT_REGULAR, 0};
        cells[i * COLUMNS + 2] = (struct printed_cell){
            k->token == NULL ? store_word(s, k->store) : PRINT(s, "%s %s", word(s, N_("token")), k->token),
            FONT_REGULAR, 0};
        cells[i * COLUMNS + 3] = (struct printed_cell){k->is_public ? digits(s, slice_of(k->hash, CEREMONY_HASH_SIZE))
                                                                    : word(s, N_("secret key, no public part")),
                                                       FONT_REGULAR, 0};
    }
    printed_heading(s->printed, 2, word(s, N_("Keys")));
    printed_table(s->printed, columns, COLUMNS, cells, c->key_count);
}

static void put_certificate(struct sheet *s, const struct certificate *certificate)
{
    const struct printed_pair pairs[] = {
        {word(s, N_("Subject")), name_lines(s, certificate->subject)},
        {word(s, N_("Serial number")), digits(s, certificate->serial)},
        {word(s, N_("Valid")),
         PRINT(s, "%s – %s", moment(s, certificate->not_before), moment(s, certificate->not_after))},
        {word(s, N_("SHA-256 of the certificate")), digits(s, slice_of(certificate->fingerprint, CEREMONY_HASH_SIZE))},
    };
    printed_pairs(s->printed, pairs, sizeof pairs / sizeof *pairs, LABEL_WIDTH);
}

static rfd_status put_certificates(struct sheet *s, struct rfd_error *error)
{
    struct ceremony *c = s->ceremony;
    printed_heading(s->printed, 2, word(s, N_("Certificates")));
    for (size_t i = 0; i < c->key_count; i++) {
        const struct certificate *certificate = NULL;
        if (c->keys[i].certificate.length == 0) continue;
        TRY(certificate_parse(c->keys[i].certificate, &certificate, error));
        printed_heading(s->printed, 3, c->keys[i].name);
        put_certificate(s, certificate);
        certificate_unref(certificate);
    }
    return RFD_OK;
}

/* ---- The plan, and signatures ---- */

/** Blanks at the beginning of lines are kept. */
static void put_plan(struct sheet *s)
{
    slice text = s->ceremony->options->plan_text;
    struct buf b;
    buf_init(&b, 4 * text.length + 1);
    bool beginning = true;
    for (size_t i = 0; i < text.length; i++) {
        beginning = beginning ? text.data[i] == ' ' : false;
        if (beginning)
            buf_put_text(&b, "\xC2\xA0");
        else if (text.data[i] != '\r')
            buf_put_byte(&b, text.data[i]);
        if (text.data[i] == '\n') beginning = true;
    }
    const char *lines = text_of(s, arena_text(s->arena, buf_slice(&b)));
    const struct span span = {slice_text(lines), FONT_REGULAR, COLOUR_BLACK};
    const struct printed_text style = {.size = small_size};
    buf_dispose(&b);
    printed_heading(s->printed, 2, word(s, N_("The plan, word by word")));
    printed_paragraph(s->printed, &span, 1, &style);
}

static void put_signatures(struct sheet *s)
{
    enum { COLUMNS = 2, ROWS = 2 * PLAN_PEOPLE_MAXIMUM };
    const struct plan *plan = s->ceremony->plan;
    const struct printed_column columns[COLUMNS] = {{word(s, N_("Name and post")), 5, ALIGN_LEFT},
                                                    {word(s, N_("Signature")), 6, ALIGN_LEFT}};
    struct printed_cell cells[ROWS * COLUMNS];
    size_t rows = 0;
    for (unsigned i = 0; i < plan->root.custodian_count + plan->witness_count; i++, rows++) {
        const struct plan_person *p = i < plan->root.custodian_count ? &plan->root.custodians[i]
                                                                     : &plan->witnesses[i - plan->root.custodian_count];
        cells[rows * COLUMNS] =
            (struct printed_cell){PRINT(s, "%s\n%s\n ", p->name, or_nothing(p->post)), FONT_REGULAR, 0};
        cells[rows * COLUMNS + 1] = (struct printed_cell){"", FONT_REGULAR, 0};
    }
    printed_heading(s->printed, 2, word(s, N_("Signatures")));
    put_note(
        s, word(s, N_("Who signs here was there, saw what this record tells, and, as a custodian, received a share.")));
    printed_table(s->printed, columns, COLUMNS, cells, rows);
}

/* ---- The document ---- */

static rfd_status put_all(struct sheet *s, struct rfd_error *error)
{
    put_summary(s);
    put_people(s);
    put_steps(s);
    put_shares(s);
    put_keys(s);
    TRY(put_certificates(s, error));
    put_plan(s);
    put_signatures(s);
    return s->failed ? arena_failed(s->arena, error) : RFD_OK;
}

static rfd_status print_record(struct ceremony *c, struct fonts *fonts, rfd_bytes *out, struct rfd_error *error)
{
    struct sheet s = {.ceremony = c, .arena = &c->arena};
    const struct printed_settings settings = {.title = word(&s, N_("Record of the key ceremony")),
                                              .author = c->plan->root.subject.o,
                                              .subject = c->plan->title,
                                              .language = language_code(c->options->language),
                                              .time = clock_now(),
                                              .header = c->plan->title,
                                              .footer = c->plan->root.subject.o,
                                              .page_label = word(&s, N_("Page %1 of %2"))};
    TRY(printed_new(fonts, &settings, &s.printed, error));
    rfd_status status = put_all(&s, error);
    if (status == RFD_OK) status = printed_finish(s.printed, out, error);
    printed_free(s.printed);
    return status;
}

rfd_status ceremony_write_record(struct ceremony *c, struct rfd_error *error)
{
    struct fonts *fonts = NULL;
    rfd_bytes record = {NULL, 0};
    rfd_status status = fonts_new(NULL, &fonts, error);
    if (status == RFD_OK) status = print_record(c, fonts, &record, error);
    if (status == RFD_OK) status = record_seal(c, slice_bytes(record), error);
    rfd_bytes_free(&record);
    fonts_free(fonts);
    return status;
}
