/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda ca issue, renew.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/output.h"
#include "cli/ca_order.h"
#include "keeper/ask.h"
#include "pki/attribute.h"
#include "pki/certificate/certificate.h"

/* --- Subject from options ---------------------------------------------------------------------------------------- */

static rfd_status add_attribute(struct approval *text, slice name, slice value, struct rfd_error *error)
{
    enum oid_name type = attribute_from_word(name);
    if (type == OID_COUNT)
        return error_set(error, RFD_E_ARGUMENT, "no attribute is called %.*s", (int)name.length, name.data);
    if (text->subject_count == APPROVAL_SUBJECT_MAXIMUM) return error_set(error, RFD_E_ARGUMENT, "too many attributes");
    text->subject[text->subject_count++] = (struct approval_attribute){type, value};
    return RFD_OK;
}

static rfd_status take_names(const struct option_values *from, slice *to, size_t *count, struct rfd_error *error)
{
    if (from->count > APPROVAL_NAMES_MAXIMUM) return error_set(error, RFD_E_ARGUMENT, "too many names");
    for (size_t i = 0; i < from->count; i++) to[i] = slice_text(from->items[i]);
    *count = from->count;
    return RFD_OK;
}

static rfd_status subject_from_options(const struct arguments *a, struct approval *text, struct rfd_error *error)
{
    for (size_t i = 0; i < a->attribute.count; i++) {
        slice given = slice_text(a->attribute.items[i]);
        const char *equals = strchr(a->attribute.items[i], '=');
        if (equals == NULL) return error_set(error, RFD_E_ARGUMENT, "--attribute is NAME=VALUE");
        size_t length = (size_t)(equals - a->attribute.items[i]);
        TRY(add_attribute(text, slice_part(given, 0, length), slice_from(given, length + 1), error));
    }
    TRY(take_names(&a->mail, text->mails, &text->mail_count, error));
    return take_names(&a->host, text->hosts, &text->host_count, error);
}

/* --- Services ---------------------------------------------------------------------------------------------------- */

/** Names for the keeper, in the home's arena; NULL when memory lacks. */
static char *const *names(struct ca_home *home, const slice *from, size_t count)
{
    char **out = arena_allocate(&home->arena, (count + 1) * sizeof *out);
    for (size_t i = 0; out != NULL && i < count; i++) {
        out[i] = arena_text(&home->arena, from[i]);
        if (out[i] == NULL) return NULL;
    }
    return out;
}

/** From what was ordered to what is asked; its texts are in the home's arena. */
static rfd_status service_order(struct ca_home *home, const struct ca_order *order, struct profile_value *values,
                                struct ask_certificate *out, struct rfd_error *error)
{
    const struct approval *t = &order->text;
    *out = (struct ask_certificate){
        .key = arena_text(&home->arena, order->authority.key),
        .profile = order->profile->profile.name,
        .values = values,
        .value_count = t->subject_count,
        .mails = names(home, t->mails, t->mail_count),
        .mail_count = t->mail_count,
        .hosts = names(home, t->hosts, t->host_count),
        .host_count = t->host_count,
        .spki = order->spki,
    };
    if (out->key == NULL || out->mails == NULL || out->hosts == NULL) return arena_failed(&home->arena, error);
    for (size_t i = 0; i < t->subject_count; i++) {
        values[i] = (struct profile_value){t->subject[i].type, arena_text(&home->arena, t->subject[i].value)};
        if (values[i].text == NULL) return arena_failed(&home->arena, error);
    }
    return RFD_OK;
}

static rfd_status issue_service(struct ca_home *home, const struct ca_order *order, struct certificate_row *row,
                                struct rfd_error *error)
{
    struct profile_value values[APPROVAL_SUBJECT_MAXIMUM];
    struct ask_certificate ask;
    struct buf made;
    uint32_t partition = 0;
    TRY(service_order(home, order, values, &ask, error));
    buf_init(&made, ASK_CERTIFICATE_MAXIMUM);
    rfd_status status = ask_issue_service(home->keeper, &ask, &made, &partition, error);
    if (status == RFD_OK)
        status = authority_store_service(&home->domain, home->actor, order->authority.id, slice_text(ask.profile),
                                         buf_slice(&made), partition, &home->arena, row, error);
    buf_dispose(&made);
    return status;
}

/* --- Persons ----------------------------------------------------------------------------------------------------- */

static rfd_status issue_person(struct ca_home *home, const struct ca_order *order, struct certificate_row *row,
                               struct rfd_error *error)
{
    const struct authority_issue what = {.actor = home->actor,
                                         .client = SLICE("command"),
                                         .authority = order->authority.id,
                                         .spki = order->spki,
                                         .approvals = order->approvals,
                                         .approval_count = order->approval_count};
    bool again = false;
    return authority_issue(&home->domain, &what, &home->arena, row, &again, error);
}

static void tell(const struct arguments *a, struct ca_home *home, const struct certificate_row *row)
{
    char serial[CA_SERIAL_SIZE];
    char moment[MOMENT_SIZE];
    if (a->quiet || strcmp(a->output, "-") == 0) return;
    (void)printf("%s%s%s  %s\n%s %s, %s %s\n", style_on(stdout, STYLE_GOOD), tr(N_("Issued")),
                 style_on(stdout, STYLE_PLAIN), ca_text(&home->arena, row->subject), tr(N_("serial number")),
                 ca_serial_text(row->serial, serial), tr(N_("until")), moment_text(row->not_after, moment));
    (void)printf("%s\n", a->output);
}

/** Everything after the subject is known. */
static rfd_status finish(const struct arguments *a, struct ca_home *home, struct ca_order *order,
                         struct rfd_error *error)
{
    struct certificate_row row;
    slice text = SLICE_EMPTY;
    bool person = order->profile == NULL || order->profile->approvals > 0;
    if (a->approval.count == 0 && person) TRY(ca_order_text(a, home, order, &text, error));
    if (a->write_approval != NULL) return output_whole(a->write_approval, a->force, text, error);
    if (person) TRY(ca_order_approve(a, home, order, text, error));
    TRY(person ? issue_person(home, order, &row, error) : issue_service(home, order, &row, error));
    TRY(ca_order_write(a, home, order, &row, error));
    tell(a, home, &row);
    return RFD_OK;
}

static rfd_status find_profile(const struct arguments *a, struct ca_home *home, struct ca_order *order,
                               struct rfd_error *error)
{
    if (a->profile == NULL && a->approval.count > 0) return RFD_OK; /* the approval says which */
    if (a->profile == NULL) return error_set(error, RFD_E_ARGUMENT, "say with --profile what kind of certificate");
    order->profile = packs_profile(home->packs, slice_text(a->profile));
    return order->profile != NULL ? RFD_OK : error_set(error, RFD_E_PROFILE, "no profile is called %s", a->profile);
}

static rfd_status issue(const struct arguments *a, struct ca_home *home, struct ca_order *order,
                        struct rfd_error *error)
{
    TRY(ca_find_authority(home, a->authority, &order->authority, error));
    TRY(find_profile(a, home, order, error));
    TRY(ca_order_key(a, home, order, error));
    TRY(subject_from_options(a, &order->text, error));
    return finish(a, home, order, error);
}

/* --- Renewing ---------------------------------------------------------------------------------------------------- */

static rfd_status check_time(const struct certificate_row *old, const struct pack_profile *profile,
                             struct rfd_error *error)
{
    rfd_time from = old->not_after - (rfd_time)profile->renewal_days * 86400 * RFD_SECOND;
    char text[CLOCK_TEXT_SIZE];
    if (old->state == CERTIFICATE_REVOKED || old->state == CERTIFICATE_HELD)
        return error_set(error, RFD_E_STATE, "a certificate that is %s is not renewed",
                         certificate_state_name(old->state));
    if (clock_now() < from) return error_set(error, RFD_E_STATE, "it may be renewed from %s on", clock_iso(from, text));
    return RFD_OK;
}

/** The subject's attributes that the profile does not fix, one after the other. */
static rfd_status take_subject(const struct certificate *old, const struct pack_profile *profile, struct ca_home *home,
                               struct approval *text, struct rfd_error *error)
{
    for (size_t i = 0; i < profile->profile.attribute_count; i++) {
        const struct profile_attribute *attribute = &profile->profile.attributes[i];
        struct buf value;
        if (attribute->fixed != NULL) continue;
        buf_init(&value, APPROVAL_MAXIMUM);
        bool there = certificate_name_attribute(old->subject, oid(attribute->type), &value);
        slice kept = there ? arena_copy(&home->arena, buf_slice(&value)) : SLICE_EMPTY;
        buf_dispose(&value);
        if (!there) continue;
        if (kept.data == NULL) return arena_failed(&home->arena, error);
        TRY(add_attribute(text, slice_text(attribute_word(attribute->type)), kept, error));
    }
    return RFD_OK;
}

static rfd_status renew(const struct arguments *a, struct ca_home *home, struct ca_order *order,
                        struct rfd_error *error)
{
    struct certificate_row old;
    const struct certificate *certificate = NULL;
    TRY(ca_find_certificate(home, a->operands[0], &old, error));
    TRY(ca_find_authority(home, a->authority, &order->authority, error));
    order->profile = packs_profile(home->packs, old.profile);
    if (order->profile == NULL) return error_set(error, RFD_E_PROFILE, "its profile is not there any more");
    TRY(check_time(&old, order->profile, error));
    TRY(ca_order_key(a, home, order, error));
    TRY(certificate_parse(old.der, &certificate, error));
    rfd_status status = slice_equal(certificate->spki, order->spki)
                            ? error_set(error, RFD_E_KEY_REUSED, "the old certificate has this key")
                            : take_subject(certificate, order->profile, home, &order->text, error);
    certificate_unref(certificate);
    if (status == RFD_OK && old.mail.length > 0 && order->profile->profile.mail_allowed)
        order->text.mails[order->text.mail_count++] = old.mail;
    return status == RFD_OK ? finish(a, home, order, error) : status;
}

/* --- Commands ---------------------------------------------------------------------------------------------------- */

typedef rfd_status issue_work(const struct arguments *a, struct ca_home *home, struct ca_order *order,
                              struct rfd_error *error);

static int run(issue_work *work, const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home = {.live = false};
    struct ca_order order = {.approval_count = 0};
    rfd_status status = ca_home_open(a, CA_HOME_STORE | CA_HOME_KEEPER, &home, &error);
    if (status == RFD_OK) status = work(a, &home, &order, &error);
    ca_order_dispose(&order);
    ca_home_close(&home);
    return status == RFD_OK ? 0 : ca_exit(NULL, &error);
}

int ca_issue(const struct arguments *a)
{
    return run(issue, a);
}

int ca_renew(const struct arguments *a)
{
    if (a->operand_count == 1) return run(renew, a);
    message_error("%s", tr(N_("Give one serial number")));
    return EXIT_USAGE;
}
