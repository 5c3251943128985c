/* SPDX-License-Identifier: EUPL-1.2
 *
 * An order to revoke: the identity number typed again, so that nobody revokes the wrong one by mistake; the reason of
 * the country's catalogue; and of an agent a signature of exactly this revocation, made just now.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/line.h"
#include "base/number.h"
#include "base/text.h"
#include "domain/access/person_signature.h"
#include "domain/registration/catalogue.h"
#include "domain/registration/holding_internal.h"
#include "packs/identity.h"

enum { TEXT_MAXIMUM = 8 << 10, SIGNED_MINUTES = 15, AHEAD_MINUTES = 2, NUMBER_MAXIMUM = 64 };
#define MINUTE     (60 * RFD_SECOND)
#define FIRST_LINE "Refrenda revocation 1"

bool revoke_needs_two(const struct registration_settings *settings, const struct holding *holding)
{
    const struct pack_profile *profile = packs_profile(settings->packs, holding->row.profile);
    return profile != NULL && profile->approvals > 1;
}

/* ---- What is signed ---- */

/** A line: nothing in it can begin another one. */
static void put_line(struct buf *b, const char *name, slice value)
{
    buf_print(b, "%s: ", name);
    size_t from = b->length;
    text_put_printable(b, value);
    for (size_t i = from; i < b->length; i++) {
        if (b->data[i] == '\n' || b->data[i] == '\r' || b->data[i] == '\t') b->data[i] = ' ';
    }
    buf_put_byte(b, '\n');
}

static rfd_status authority_name(struct transaction *t, int64_t id, slice *out, struct rfd_error *error)
{
    const struct store_value key = store_integer(id);
    struct store_rows rows;
    TRY(store_run(t, "SELECT name FROM authority WHERE id = $1", &key, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "authority %lld", (long long)id);
    *out = store_cell(&rows, 0, 0)->bytes;
    return RFD_OK;
}

static rfd_status put_text(struct transaction *t, const struct certificate_row *row, slice reason, rfd_time now,
                           struct buf *out, struct rfd_error *error)
{
    char moment[CLOCK_TEXT_SIZE];
    slice authority;
    slice serial = holding_serial(row->serial, store_arena(t));
    if (serial.data == NULL) return arena_failed(store_arena(t), error);
    TRY(authority_name(t, row->authority, &authority, error));
    buf_put_text(out, FIRST_LINE "\n");
    put_line(out, "authority", authority);
    put_line(out, "serial", serial);
    put_line(out, "subject", row->subject);
    put_line(out, "reason", reason);
    put_line(out, "time", slice_text(clock_iso(now, moment)));
    return buf_check(out, "text of a revocation", error);
}

rfd_status revocation_text(struct transaction *t, const struct registration_settings *settings, int64_t certificate,
                           slice reason, rfd_time now, struct buf *out, struct rfd_error *error)
{
    struct holding h;
    TRY(holding_load(t, settings, certificate, &h, error));
    return put_text(t, &h.row, reason, now, out, error);
}

/** The moment that a text names in its last line; RFD_TIME_NONE: none, or not a recent one. */
static rfd_time moment_of(slice text, rfd_time now)
{
    const slice label = SLICE("time: ");
    slice last = SLICE_EMPTY;
    rfd_time moment;
    if (text.length > TEXT_MAXIMUM) return RFD_TIME_NONE;
    while (text.length > 0) last = line_next(&text);
    if (!slice_starts(last, label) || !clock_parse_iso(slice_from(last, label.length), &moment)) return RFD_TIME_NONE;
    bool recent = moment > now - SIGNED_MINUTES * MINUTE && moment < now + AHEAD_MINUTES * MINUTE;
    return recent ? moment : RFD_TIME_NONE;
}

/** Whether the text is the one of this revocation, at the time that it names itself. */
static rfd_status is_the_text(struct transaction *t, const struct holding *h, const struct revocation_order *order,
                              rfd_time moment, bool *out, struct rfd_error *error)
{
    struct buf text;
    buf_init(&text, TEXT_MAXIMUM);
    rfd_status status = put_text(t, &h->row, order->reason, moment, &text, error);
    *out = status == RFD_OK && slice_equal(buf_slice(&text), order->signed_text);
    buf_dispose(&text);
    return status;
}

static rfd_status check_signature(struct transaction *t, const struct actor *actor,
                                  const struct registration_settings *settings, const struct holding *h,
                                  const struct revocation_order *order, int64_t *signer, struct faults *faults,
                                  struct rfd_error *error)
{
    const char *why = NULL;
    bool same = false;
    rfd_time now = clock_now();
    if (order->signature.length == 0 || order->signature.length > PERSON_SIGNATURE_MAXIMUM) {
        fault_add(faults, "signature", N_("Sign the revocation with your certificate"));
        return RFD_OK;
    }
    rfd_time moment = moment_of(order->signed_text, now);
    if (moment != RFD_TIME_NONE) TRY(is_the_text(t, h, order, moment, &same, error));
    if (!same) {
        fault_add(faults, "signature", N_("What was signed is not this revocation, or it was signed too long ago"));
        return RFD_OK;
    }
    TRY(person_signature_check(t, settings->packs, actor->person, order->signed_text, order->signature, now, signer,
                               &why, error));
    if (why != NULL) fault_add(faults, "signature", why);
    return RFD_OK;
}

/* ---- The number that is typed again ---- */

static bool is_number(const struct registration_settings *settings, const struct holding *h, slice typed)
{
    char normal[33];
    slice number;
    const struct pack_document *document = packs_identity_of_subject(settings->packs, h->row.subject_id, &number);
    if (typed.length == 0 || typed.length > NUMBER_MAXIMUM) return false;
    if (document == NULL) return slice_equal(typed, h->number);
    enum identity_fault fault = packs_identity_check(document, typed, normal);
    return (fault == IDENTITY_FINE || fault == IDENTITY_DIGIT_WARNS) && slice_is(number, normal);
}

/* ---- The reason ---- */

static rfd_status check_reason(struct transaction *t, const struct registration_settings *settings,
                               const struct holding *h, slice code, slice by, struct revoke_reason *out,
                               struct faults *faults, struct rfd_error *error)
{
    struct catalogue_entry entry = {.closed = true};
    uint64_t rfc = 0;
    rfd_status status = code.length == 0
                            ? RFD_E_NOT_FOUND
                            : catalogue_find(t, settings->packs, slice_text(holding_country(settings, &h->row)),
                                             "revocation", code, &entry, error);
    if (status != RFD_E_NOT_FOUND) TRY(status);
    error_clear(error);
    bool fine = status == RFD_OK && !entry.closed && catalogue_has(&entry, "by", by) &&
                number_unsigned(catalogue_value(&entry, "reason"), 10, &rfc);
    if (!fine) fault_add(faults, "reason", N_("Choose a reason"));
    *out = (struct revoke_reason){.code = entry.code, .title = catalogue_title(&entry, SLICE("es")), .rfc = (int)rfc};
    return RFD_OK;
}

rfd_status revoke_check_order(struct transaction *t, const struct actor *actor,
                              const struct registration_settings *settings, const struct holding *holding,
                              const struct revocation_order *order, bool is_signed, struct revoke_reason *reason,
                              int64_t *signer, struct faults *faults, struct rfd_error *error)
{
    bool automatic = actor->account == 0;
    *signer = 0;
    if (!automatic && !is_number(settings, holding, order->number))
        fault_add(faults, "number", N_("This is not the identity number of the certificate"));
    if (order->note.length > REQUEST_NOTE_MAXIMUM || !text_is_utf8(order->note))
        fault_add(faults, "note", N_("This is too long"));
    slice by = automatic ? SLICE("departure") : holding->own ? SLICE("holder") : SLICE("agent");
    TRY(check_reason(t, settings, holding, order->reason, by, reason, faults, error));
    if (is_signed) TRY(check_signature(t, actor, settings, holding, order, signer, faults, error));
    return faults_end(faults, error);
}
