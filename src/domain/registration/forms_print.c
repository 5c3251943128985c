/* SPDX-License-Identifier: EUPL-1.2
 *
 * Printed forms, part by part. Each begins with its title and what it is about in one line, then facts in pairs, the
 * legal text, lines for signatures, and the panel by which it can be checked.
 */
#include "base/error.h"
#include "base/i18n.h"
#include "base/language.h"
#include "base/number.h"
#include "domain/registration/forms_draw.h"
#include "domain/registration/forms_internal.h"
#include "packs/identity.h"
#include "pki/digest.h"
#include "pki/oid.h"
#include "print/printed.h"

enum { PAIRS_MAXIMUM = 16, LABEL_WIDTH = 122, NAME_MAXIMUM = 512, HASH = 32, HASH_LINE = 32, SERIAL_LINE = 20 };
#define MARGIN 42.5 /* 15 mm */
static const double legal_size = 9;
static const colour muted = 0x566270, good = 0x17693f, bad = 0xa3182b;

struct sheet {
    const struct forms *forms;
    const struct form_content *content;
    const struct rfd_language *language;
    const char *code; /* NULL: it has none */
    rfd_time made;
    struct printed *printed;
    struct arena *arena;
    struct form_panel panel;
    struct form_lines lines;
    bool failed; /* memory */
};

static const char *word(const struct sheet *s, const char *message)
{
    return language_get(s->language, message);
}

static const char *text_of(struct sheet *s, const char *text)
{
    if (text == NULL) s->failed = true;
    return text == NULL ? "" : text;
}
#define PRINT(s, ...) text_of(s, arena_print((s)->arena, __VA_ARGS__))

static const char *keep(struct sheet *s, slice text)
{
    return text_of(s, arena_text(s->arena, text));
}

/* ---- Values ---- */

/** "22/11/2026 08:10:05", by the installation's clock on the wall. */
static const char *wall(struct sheet *s, rfd_time t)
{
    struct civil c = zone_civil(s->forms->registration->zone, t);
    return PRINT(s, "%02d/%02d/%04d %02d:%02d:%02d", c.day, c.month, c.year, c.hour, c.minute, c.second);
}

/** The same with the distance from UTC: "22/11/2026 08:10:05 (UTC-05:00)". */
static const char *moment(struct sheet *s, rfd_time t)
{
    const struct zone *zone = s->forms->registration->zone;
    int minutes = zone_offset(zone, t) / 60;
    int away = minutes < 0 ? -minutes : minutes;
    return PRINT(s, "%s (UTC%c%02d:%02d)", wall(s, t), minutes < 0 ? '-' : '+', away / 60, away % 60);
}

/** Hexadecimal digits in groups of eight octets, so many on a line, so that they can be compared by eye. */
static const char *digits(struct sheet *s, slice octets, size_t line)
{
    enum { GROUP = 8 };
    struct buf b;
    buf_init(&b, NAME_MAXIMUM);
    for (size_t i = 0; i < octets.length; i += GROUP) {
        bool new_line = i % line == 0 && octets.length - i >= GROUP;
        if (i > 0) buf_put_byte(&b, new_line ? '\n' : ' ');
        buf_put_hex(&b, slice_part(octets, i, GROUP), false);
    }
    const char *text = keep(s, buf_slice(&b));
    buf_dispose(&b);
    return text;
}

static const char *digest_digits(struct sheet *s, slice octets)
{
    uint8_t hash[HASH];
    if (digest_of(DIGEST_SHA256, octets, hash, NULL) != RFD_OK) return "";
    return digits(s, slice_of(hash, sizeof hash), HASH_LINE);
}

/** The common name of a name, or else the whole of it. */
static const char *name_of(struct sheet *s, slice name)
{
    struct buf b;
    buf_init(&b, NAME_MAXIMUM);
    if (!certificate_name_attribute(name, oid(OID_COMMON_NAME), &b)) certificate_put_name(&b, name);
    const char *text = keep(s, buf_slice(&b));
    buf_dispose(&b);
    return text;
}

static const char *key_words(struct sheet *s, const struct certificate *c)
{
    if (c->curve != NULL) return PRINT(s, "ECDSA %s", c->curve);
    if (c->key_type == KEY_RSA || c->key_type == KEY_RSA_PSS) return PRINT(s, "RSA %d", c->key_bits_size);
    return c->key_type == KEY_ED25519 ? "Ed25519" : "";
}

/* ---- Pairs ---- */

/** Those without a value are left out. */
struct pairs {
    struct printed_pair items[PAIRS_MAXIMUM];
    size_t count;
};

static void pair(struct sheet *s, struct pairs *p, const char *label, const char *value)
{
    if (value[0] != '\0' && p->count < PAIRS_MAXIMUM)
        p->items[p->count++] = (struct printed_pair){word(s, label), value};
}

static void put_pairs(struct sheet *s, const struct pairs *p)
{
    printed_pairs(s->printed, p->items, p->count, LABEL_WIDTH);
}

/** One below the other; empty ones are left out. */
static const char *lines_of(struct sheet *s, slice first, slice second, slice third)
{
    const slice all[] = {first, second, third};
    const char *text = "";
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].length > 0)
            text =
                PRINT(s, "%s%s%.*s", text, text[0] == '\0' ? "" : "\n", (int)all[i].length, (const char *)all[i].data);
    }
    return text;
}

/** A number stands by the name that it has in the country. */
static void add_number(struct sheet *s, struct pairs *p, const char *label, slice number)
{
    if (number.length > 0 && p->count < PAIRS_MAXIMUM)
        p->items[p->count++] =
            (struct printed_pair){label[0] == '\0' ? word(s, N_("Identity number")) : label, keep(s, number)};
}

static void add_holder(struct sheet *s, struct pairs *p, const char *label)
{
    const struct form_content *c = s->content;
    const struct pack_document *second =
        packs_document(s->forms->registration->packs, c->applicant.country, c->applicant.second_document);
    pair(s, p, label, keep(s, c->name));
    add_number(s, p, c->document, c->number);
    if (second != NULL) add_number(s, p, second->label, c->applicant.second_number);
    pair(s, p, c->entity.length > 0 ? N_("Entity, unit, post") : N_("Unit and post"),
         lines_of(s, c->entity, c->unit, c->applicant.post));
    pair(s, p, N_("E-mail"), keep(s, c->applicant.id != 0 ? c->applicant.mail : c->holding.row.mail));
    if (c->kind == PRINTED_STATEMENT) pair(s, p, N_("Mobile"), keep(s, c->applicant.mobile));
}

static void add_certificate(struct sheet *s, struct pairs *p)
{
    const struct certificate_row *row = &s->content->holding.row;
    const struct certificate *c = s->content->certificate;
    pair(s, p, N_("Serial number"), digits(s, row->serial, SERIAL_LINE));
    if (c != NULL) pair(s, p, N_("Issued by"), name_of(s, c->issuer));
    pair(s, p, N_("In force"), PRINT(s, "%s – %s", wall(s, row->not_before), moment(s, row->not_after)));
    if (c == NULL) return;
    pair(s, p, N_("Fingerprint SHA-256"), digits(s, slice_of(c->fingerprint, HASH), HASH_LINE));
    pair(s, p, N_("Public key SHA-256"), PRINT(s, "%s\n%s", digest_digits(s, c->spki), key_words(s, c)));
}

/* ---- Texts ---- */

static void put_lead(struct sheet *s, const char *text)
{
    const struct span span = {slice_text(text), FONT_REGULAR, muted};
    const struct printed_text style = {.after = 2};
    printed_paragraph(s->printed, &span, 1, &style);
}

static void put_title(struct sheet *s, const char *lead)
{
    printed_heading(s->printed, 1, word(s, printed_form_title(slice_text(printed_form_name(s->content->kind)))));
    if (lead != NULL) put_lead(s, lead);
}

/** A text of the pack: each line is a paragraph. */
static void put_legal(struct sheet *s, const char *text)
{
    const struct printed_text style = {.size = legal_size, .after = 3.5, .alignment = ALIGN_LEFT};
    slice rest = slice_text(text);
    while (rest.length > 0) {
        const uint8_t *end = memchr(rest.data, '\n', rest.length);
        size_t length = end == NULL ? rest.length : (size_t)(end - rest.data);
        const struct span span = {slice_part(rest, 0, length), FONT_REGULAR, COLOUR_BLACK};
        if (length > 0) printed_paragraph(s->printed, &span, 1, &style);
        rest = slice_from(rest, length + 1);
    }
}

static const char *in_language(const struct sheet *s, const char *es, const char *ca, const char *en)
{
    const char *code = language_code(s->language);
    return strcmp(code, "ca") == 0 ? ca : strcmp(code, "en") == 0 ? en : es;
}

/* ---- Lines for signatures, and the panel ---- */

static void put_lines(struct sheet *s, const char *first, const char *first_name, const char *second,
                      const char *second_name)
{
    struct form_lines *l = &s->lines;
    *l = (struct form_lines){
        .fonts = s->forms->fonts,
        .arena = s->arena,
        .places = {{word(s, first), first_name}, {second == NULL ? "" : word(s, second), second_name}},
        .count = second == NULL ? 1 : 2};
    printed_drawing(s->printed, FORM_LINES_HEIGHT,
                    second == NULL
                        ? PRINT(s, "%s: %s", l->places[0].role, first_name)
                        : PRINT(s, "%s: %s. %s: %s", l->places[0].role, first_name, l->places[1].role, second_name),
                    form_lines_draw, l);
}

static void put_panel(struct sheet *s)
{
    const char *url = s->forms->url;
    struct form_panel *p = &s->panel;
    *p = (struct form_panel){
        .fonts = s->forms->fonts,
        .arena = s->arena,
        .link = PRINT(s, "%s/verificar/%s", url, s->code),
        .title = word(s, N_("Verification code")),
        .code = s->code,
        .where = PRINT(s, "%s %s/verificar", word(s, N_("Check this document at")), url),
        .seal = PRINT(
            s, word(s, N_("Sealed electronically by %s on %s. A copy on paper holds if this address shows the same.")),
            s->forms->house, moment(s, s->made)),
    };
    printed_drawing(s->printed, FORM_PANEL_HEIGHT, PRINT(s, "%s %s. %s. %s", p->title, s->code, p->where, p->seal),
                    form_panel_draw, p);
}

/* ---- The forms ---- */

static void put_acceptance(struct sheet *s)
{
    const struct form_content *c = s->content;
    const struct pack_registration *pack = c->pack;
    struct pairs p = {.count = 0};
    put_title(s, NULL);
    add_holder(s, &p, N_("Holder"));
    add_certificate(s, &p);
    put_pairs(s, &p);
    printed_heading(s->printed, 2, word(s, N_("What the holder accepts")));
    put_legal(s, in_language(s, pack->responsibility_es, pack->responsibility_ca, pack->responsibility_en));
    put_lines(s, N_("Signature of the holder"), keep(s, c->name), N_("Signature of the certifying agent"),
              keep(s, c->holding.agent_name));
    put_panel(s);
}

/** What RFC 5280 calls it, beside the country's words. */
static const char *reason_words(struct sheet *s)
{
    static const char *const names[] = {"unspecified", "keyCompromise",        "cACompromise", "affiliationChanged",
                                        "superseded",  "cessationOfOperation", NULL,           NULL,
                                        NULL,          "privilegeWithdrawn"};
    int reason = s->content->holding.row.reason;
    bool known = reason >= 0 && (size_t)reason < sizeof names / sizeof *names && names[reason] != NULL;
    const char *title = keep(s, s->content->motive_title);
    return known ? PRINT(s, "%s\n(RFC 5280: %s)", title, names[reason]) : title;
}

static void put_revocation(struct sheet *s)
{
    const struct form_content *c = s->content;
    struct pairs p = {.count = 0};
    put_title(s, PRINT(s, word(s, N_("Receipt %s.")), keep(s, c->request.code)));
    printed_banner(s->printed, word(s, N_("The certificate is revoked and cannot be used any more")),
                   PRINT(s, word(s, N_("Since %s")), moment(s, c->revocation.revoked)), bad, COLOUR_WHITE);
    add_holder(s, &p, N_("Holder"));
    add_certificate(s, &p);
    pair(s, &p, N_("Reason"), reason_words(s));
    pair(s, &p, N_("Asked for by"),
         lines_of(s, c->revocation.asker, slice_text(moment(s, c->request.created)), SLICE_EMPTY));
    pair(s, &p, N_("Revoked by"),
         lines_of(s, c->revocation.agent_name, slice_text(moment(s, c->revocation.revoked)), SLICE_EMPTY));
    if (c->log.size > 0)
        pair(s, &p, N_("Transparency log"),
             PRINT(s, word(s, N_("Entry %llu of %llu")), (unsigned long long)c->log.index + 1,
                   (unsigned long long)c->log.size));
    put_pairs(s, &p);
    put_legal(
        s, word(s, N_("What was signed with the certificate before this moment keeps its effects. The status service "
                      "of the authority answers “revoked” for this serial number from now on.")));
    printed_space(s->printed, 8);
    put_panel(s);
}

static void put_statement(struct sheet *s)
{
    const struct form_content *c = s->content;
    const struct pack_registration *pack = c->pack;
    struct pairs p = {.count = 0};
    put_title(s, PRINT(s, word(s, N_("Request %s.")), keep(s, c->request.code)));
    add_holder(s, &p, N_("Who declares"));
    pair(s, &p, N_("Kind of request"), keep(s, c->kind_title));
    pair(s, &p, N_("Motive"), keep(s, c->motive_title));
    put_pairs(s, &p);
    printed_heading(s->printed, 2, word(s, N_("Statement")));
    put_legal(s, in_language(s, pack->statement_es, pack->statement_ca, pack->statement_en));
    printed_space(s->printed, 6);
    printed_words(s->printed, PRINT(s, "%s: ______________________________    %s: ____ / ____ / ________",
                                    word(s, N_("Place")), word(s, N_("Date"))));
    put_lines(s, N_("Signature"), keep(s, c->name), NULL, "");
}

static void put_receipt(struct sheet *s)
{
    const struct form_content *c = s->content;
    struct pairs p = {.count = 0};
    put_title(s, PRINT(s, word(s, N_("Received on %s.")), moment(s, c->request.created)));
    printed_banner(s->printed, PRINT(s, word(s, N_("Folio %s")), keep(s, c->request.code)),
                   word(s, N_("Keep it: with it and the identity number, the request can be followed.")), good,
                   COLOUR_WHITE);
    pair(s, &p, N_("Kind of request"), keep(s, c->kind_title));
    pair(s, &p, N_("Motive"), keep(s, c->motive_title));
    pair(s, &p, N_("Description"), keep(s, c->request.description));
    add_holder(s, &p, c->request.way == WAY_AGENCY ? N_("First applicant") : N_("Applicant"));
    put_pairs(s, &p);
    if (c->file_count > 0) printed_heading(s->printed, 2, word(s, N_("Files that were handed in")));
    for (size_t i = 0; i < c->file_count; i++) {
        const struct span span = {slice_text(keep(s, c->files[i])), FONT_REGULAR, COLOUR_BLACK};
        printed_item(s->printed, &span, 1);
    }
    printed_space(s->printed, 8);
    put_legal(s, word(s, N_("This proof says that the request was received, not that it was granted.")));
    if (c->request.way == WAY_ONLINE)
        put_legal(s, PRINT(s, word(s, N_("The request can be followed at %s.")),
                           PRINT(s, "%s" REGISTRATION_PAGE_FOLLOW "%.*s", s->forms->url, (int)c->request.code.length,
                                 (const char *)c->request.code.data)));
    printed_space(s->printed, 8);
    put_panel(s);
}

/* ---- The document ---- */

static rfd_status put_all(struct sheet *s, struct rfd_error *error)
{
    switch (s->content->kind) {
    case PRINTED_ACCEPTANCE: put_acceptance(s); break;
    case PRINTED_REVOCATION: put_revocation(s); break;
    case PRINTED_STATEMENT: put_statement(s); break;
    case PRINTED_RECEIPT: put_receipt(s); break;
    }
    return s->failed ? arena_failed(s->arena, error) : RFD_OK;
}

rfd_status form_print(const struct forms *forms, const struct form_content *content,
                      const struct rfd_language *language, const char *code, rfd_time made, struct arena *a,
                      rfd_bytes *document, struct rfd_error *error)
{
    struct sheet s = {.forms = forms, .content = content, .language = language, .code = code, .made = made, .arena = a};
    bool sealed = content->kind != PRINTED_STATEMENT;
    const char *footer = sealed ? PRINT(&s, "%s · %s/verificar/%s", code, forms->url, code) : forms->house;
    const struct printed_settings settings = {
        .margin = MARGIN,
        .title = word(&s, printed_form_title(slice_text(printed_form_name(content->kind)))),
        .author = forms->house,
        .language = language_code(language),
        .time = sealed ? made : RFD_TIME_NONE,
        .header = content->request.id == 0 ? forms->house
                                           : PRINT(&s, "%s · %.*s", forms->house, (int)content->request.code.length,
                                                   (const char *)content->request.code.data),
        .footer = footer,
        .page_label = word(&s, N_("Page %1 of %2"))};
    TRY(printed_new(forms->fonts, &settings, &s.printed, error));
    rfd_status status = put_all(&s, error);
    if (status == RFD_OK) status = printed_finish(s.printed, document, error);
    printed_free(s.printed);
    return status;
}
