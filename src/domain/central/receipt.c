/* SPDX-License-Identifier: EUPL-1.2
 *
 * The receipt: who asked, what was signed, with which certificate, when, and where the holder's own log stands, sealed
 * as printed forms are. It is made anew each time: what it says does not change any more.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/number.h"
#include "domain/authority/register.h"
#include "domain/central/internal.h"
#include "domain/registration/forms_internal.h"
#include "print/printed.h"

enum { PAIRS = 12, LABEL_WIDTH = 130, LOG_LINE_MAXIMUM = 4096, LOG_HASH_MAXIMUM = 64, SIGNATURE_MAXIMUM = 1024 };
#define MARGIN 42.5 /* 15 mm */

struct receipt {
    const struct central *c;
    struct arena *a;
    const struct signing_row *row;
    struct certificate_row certificate;
    slice portal;
    uint64_t events; /* of the holder's log */
    slice log_hash;
    struct printed *printed;
    struct printed_pair pairs[PAIRS];
    size_t count;
};

/* ---- What it says ---- */

static rfd_status read_log_answer(struct receipt *r, struct message_reader *f, struct rfd_error *error)
{
    r->events = message_get_u64(f);
    uint32_t count = message_get_u32(f);
    for (uint32_t i = 0; i < count && !f->failed; i++) (void)message_get_text(f, LOG_LINE_MAXIMUM);
    slice hash = message_get_bytes(f, LOG_HASH_MAXIMUM);
    (void)message_get_bytes(f, SIGNATURE_MAXIMUM);
    TRY(message_end(f, "a holder's log", error));
    uint8_t *digits = arena_allocate(r->a, 2 * hash.length + 1);
    if (digits == NULL) return arena_failed(r->a, error);
    number_to_hex(hash, false, digits);
    r->log_hash = slice_of(digits, 2 * hash.length);
    return RFD_OK;
}

/** While the personal keeper is away, the receipt is without it. */
static rfd_status read_log(struct receipt *r, struct rfd_error *error)
{
    struct keeper_reply reply = {.fields = message_read(SLICE_EMPTY)};
    struct buf body;
    buf_init(&body, KEEPER_MESSAGE_MAXIMUM);
    message_put_bytes(&body, r->row->s.credential);
    message_put_u64(&body, UINT64_MAX >> 1); /* none of its lines */
    rfd_status status = central_ask(r->c, PERSONAL_READ_LOG, &body, &reply, error);
    bool told = status == RFD_OK;
    if (told) status = read_log_answer(r, &reply.fields, error);
    if (!told) {
        error_clear(error);
        status = RFD_OK;
    }
    keeper_reply_dispose(&reply);
    buf_dispose(&body);
    return status;
}

static rfd_status read_all(struct receipt *r, struct transaction *t, struct rfd_error *error)
{
    struct portal portal;
    r->portal = slice_text(r->c->settings->web.name);
    if (r->row->s.portal != 0) {
        TRY(portal_find(t, r->row->s.portal, &portal, error));
        r->portal = portal.name;
    }
    TRY(register_get(t, r->row->certificate, r->a, &r->certificate, error));
    return r->row->s.own_key ? RFD_OK : read_log(r, error); /* of a key that is its owner's there is none */
}

/* ---- Drawing ---- */

static const char *word(const struct receipt *r, const char *message)
{
    return language_get(r->c->language, message);
}

static const char *keep(const struct receipt *r, slice text)
{
    const char *copy = arena_text(r->a, text);
    return copy == NULL ? "" : copy;
}

static void pair(struct receipt *r, const char *label, const char *value)
{
    if (value != NULL && value[0] != '\0' && r->count < PAIRS)
        r->pairs[r->count++] = (struct printed_pair){word(r, label), value};
}

static void put_pairs(struct receipt *r)
{
    printed_pairs(r->printed, r->pairs, r->count, LABEL_WIDTH);
    r->count = 0;
}

static const char *moment(const struct receipt *r, rfd_time t)
{
    struct civil c = zone_civil(r->c->zone, t);
    int minutes = zone_offset(r->c->zone, t) / 60;
    int away = minutes < 0 ? -minutes : minutes;
    return t == RFD_TIME_NONE
               ? ""
               : arena_print(r->a, "%02d/%02d/%04d %02d:%02d:%02d (UTC%c%02d:%02d)", c.day, c.month, c.year, c.hour,
                             c.minute, c.second, minutes < 0 ? '-' : '+', away / 60, away % 60);
}

static void draw_operation(struct receipt *r)
{
    const struct signing *s = &r->row->s;
    printed_heading(r->printed, 2, word(r, N_("Operation")));
    pair(r, N_("Asked for by"), keep(r, r->portal)); /* es: "Portal" */
    pair(r, N_("What for"), keep(r, s->purpose));
    pair(r, N_("Reference"), keep(r, s->reference));
    pair(r, N_("Begun on"), moment(r, s->created));
    pair(r, N_("Signed on"), moment(r, s->concluded));
    pair(r, N_("Result"), word(r, signing_state_title(s->state)));
    put_pairs(r);
}

static void draw_certificate(struct receipt *r)
{
    const struct certificate_row *c = &r->certificate;
    printed_heading(r->printed, 2, word(r, N_("Certificate")));
    pair(r, N_("Holder"), keep(r, c->subject));
    pair(r, N_("Serial number"), keep(r, holding_serial(c->serial, r->a)));
    pair(r, N_("Valid until"), moment(r, c->not_after));
    if (r->events > 0) {
        pair(r, N_("Events in the holder's log"), arena_print(r->a, "%llu", (unsigned long long)r->events));
        pair(r, N_("SHA-256 at its end"), keep(r, r->log_hash));
    }
    put_pairs(r);
}

static void draw_document(struct receipt *r, const struct signing_document *d)
{
    printed_heading(r->printed, 3, keep(r, d->title));
    pair(r, N_("SHA-256 of what was shown"), keep(r, d->blob));
    pair(r, N_("SHA-256 of the signed document"), keep(r, d->result));
    if (d->result.length == 0) pair(r, N_("Result"), word(r, N_("It was not signed")));
    put_pairs(r);
}

static rfd_status draw(struct receipt *r, struct fonts *fonts, rfd_bytes *out, struct rfd_error *error)
{
    const struct printed_settings settings = {.title = word(r, N_("Receipt of a signature")),
                                              .author = r->c->settings->web.name,
                                              .language = language_code(r->c->language),
                                              .time = r->row->s.concluded,
                                              .margin = MARGIN,
                                              .header = r->c->settings->web.name,
                                              .page_label = word(r, N_("Page %1 of %2"))};
    TRY(printed_new(fonts, &settings, &r->printed, error));
    printed_heading(r->printed, 1, settings.title); /* es: "Comprobante de firma" */
    printed_words(r->printed,
                  word(r, r->row->s.own_key
                              ? N_("The holder of the certificate below has signed the documents below in their own "
                                   "browser, where they opened its key: this house never had it. It has verified each "
                                   "signature with the certificate, which was in force.")
                              : N_("This house has signed the documents below with the certificate below, by order "
                                   "of its holder, who gave the signing password and a one-time code.")));
    draw_operation(r);
    draw_certificate(r);
    printed_heading(r->printed, 2, word(r, N_("Documents")));
    for (size_t i = 0; i < r->row->s.count; i++) draw_document(r, &r->row->s.documents[i]);
    return printed_finish(r->printed, out, error);
}

static rfd_status seal(const struct receipt *r, struct fonts *fonts, slice document, struct buf *pdf,
                       struct rfd_error *error)
{
    const struct registration_settings registration = registration_settings_of(r->c->settings, r->c->packs, r->c->zone);
    const struct forms forms = {.store = r->c->store,
                                .blobs = r->c->blobs,
                                .keeper = r->c->keeper,
                                .fonts = fonts,
                                .registration = &registration,
                                .seal_key = r->c->settings->keys.seal_key,
                                .url = r->c->settings->web.url,
                                .house = r->c->settings->web.name};
    return form_seal(&forms, document, word(r, N_("Receipt of a signature")), pdf, error);
}

rfd_status signing_receipt(const struct central *c, struct transaction *t, const struct signing *signing,
                           struct buf *pdf, struct rfd_error *error)
{
    struct receipt r = {.c = c, .a = store_arena(t)};
    struct signing_row row;
    struct fonts *own = NULL;
    rfd_bytes document = {0};
    rfd_status status = signing_load(t, SLICE_EMPTY, signing->id, clock_now(), &row, error);
    if (status != RFD_OK) return status;
    if (row.s.state != SIGNING_SIGNED && row.s.state != SIGNING_PARTLY)
        return error_set(error, RFD_E_STATE, "nothing was signed yet");
    r.row = &row;
    TRY_OUT(read_all(&r, t, error));
    if (c->fonts == NULL) TRY_OUT(fonts_new(NULL, &own, error));
    struct fonts *fonts = c->fonts == NULL ? own : c->fonts;
    TRY_OUT(draw(&r, fonts, &document, error));
    status = seal(&r, fonts, slice_bytes(document), pdf, error);
out:
    printed_free(r.printed);
    rfd_bytes_free(&document);
    fonts_free(own);
    return status;
}
