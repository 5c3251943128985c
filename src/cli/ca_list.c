/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda ca list, show.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/output.h"
#include "cli/ca.h"
#include "cli/json.h"
#include "domain/authority/reason.h"
#include "pki/certificate/pem.h"

enum { LIMIT_USUAL = 50, SERIAL_SHOWN = 12, PEM_MAXIMUM = 1 << 16 };

/* --- As JSON ----------------------------------------------------------------------------------------------------- */

static json_t *json_time(rfd_time t)
{
    char text[CLOCK_TEXT_SIZE];
    return t == RFD_TIME_NONE ? json_null() : json_string(clock_iso(t, text));
}

static json_t *json_of(struct ca_home *home, const struct certificate_row *row)
{
    char serial[CA_SERIAL_SIZE];
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "serial", ca_serial_text(row->serial, serial), "state",
        certificate_state_name(row->state), "profile", ca_text(&home->arena, row->profile), "subject",
        ca_text(&home->arena, row->subject), "subject_id", ca_text(&home->arena, row->subject_id), "mail",
        ca_text(&home->arena, row->mail), "request", ca_text(&home->arena, row->request), "issued_at",
        json_time(row->issued_at), "not_before", json_time(row->not_before), "not_after", json_time(row->not_after));
    if (object != NULL && row->revoked_at != RFD_TIME_NONE) {
        (void)json_object_set_new(object, "revoked_at", json_time(row->revoked_at));
        (void)json_object_set_new(object, "reason", json_string(reason_name(row->reason)));
        (void)json_object_set_new(object, "invalid_since", json_time(row->invalid_since));
    }
    return object;
}

/* --- As text ----------------------------------------------------------------------------------------------------- */

static enum style style_of(enum certificate_state state)
{
    switch (state) {
    case CERTIFICATE_VALID: return STYLE_GOOD;
    case CERTIFICATE_REVOKED: return STYLE_BAD;
    case CERTIFICATE_HELD: return STYLE_WARN;
    default: return STYLE_DIM;
    }
}

static const char *state_text(enum certificate_state state)
{
    switch (state) {
    case CERTIFICATE_VALID: return tr(N_("valid"));
    case CERTIFICATE_HELD: return tr(N_("on hold"));
    case CERTIFICATE_REVOKED: return tr(N_("revoked"));
    case CERTIFICATE_EXPIRED: return tr(N_("expired"));
    default: return "";
    }
}

/** Columns that UTF-8 text takes. */
static int columns(const char *text)
{
    int count = 0;
    for (; *text != '\0'; text++) count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static void print_row(struct ca_home *home, const struct certificate_row *row)
{
    char serial[CA_SERIAL_SIZE];
    char end[CLOCK_TEXT_SIZE];
    const char *state = state_text(row->state);
    (void)ca_serial_text(row->serial, serial);
    (void)clock_iso(row->not_after, end);
    (void)printf("%.*s  %s%s%s%*s  %.10s  %-20s  %s\n", SERIAL_SHOWN, serial, style_on(stdout, style_of(row->state)),
                 state, style_on(stdout, STYLE_PLAIN), 8 - columns(state), "", end, ca_text(&home->arena, row->profile),
                 ca_text(&home->arena, row->subject));
}

static void print_heading(void)
{
    (void)printf("%s%-12s  %-8s  %-10s  %-20s  %s%s\n", style_on(stdout, STYLE_DIM), tr(N_("Serial")), tr(N_("State")),
                 tr(N_("Until")), tr(N_("Profile")), tr(N_("Subject")), style_on(stdout, STYLE_PLAIN));
}

static void print_rows(struct ca_home *home, const struct certificate_row *rows, size_t count, size_t limit)
{
    if (count == 0) {
        (void)printf("%s\n", tr(N_("No certificate matches.")));
        return;
    }
    print_heading();
    for (size_t i = 0; i < count; i++) print_row(home, &rows[i]);
    if (count == limit) (void)printf("%s\n", tr(N_("There may be more: see --limit, or search for something.")));
}

static void print_json(struct ca_home *home, const struct certificate_row *rows, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) (void)json_array_append_new(list, json_of(home, &rows[i]));
    json_print(stdout, "certificates", list);
}

static rfd_status list(const struct arguments *a, struct ca_home *home, struct rfd_error *error)
{
    const struct authority_search search = {
        .text = a->operand_count > 0 ? slice_text(a->operands[0]) : SLICE_EMPTY,
        .profile = a->profile != NULL ? slice_text(a->profile) : SLICE_EMPTY,
        .state = (enum certificate_state)(a->state < 0 ? CERTIFICATE_NONE : a->state + CERTIFICATE_VALID),
        .ends_before = a->ends_before,
        .limit = a->limit > 0 ? (size_t)a->limit : LIMIT_USUAL};
    struct certificate_row *rows;
    size_t count;
    TRY(authority_search(&home->domain, &search, &home->arena, &rows, &count, error));
    if (a->json)
        print_json(home, rows, count);
    else
        print_rows(home, rows, count, search.limit);
    return RFD_OK;
}

int ca_list(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home = {.live = false};
    rfd_status status = ca_home_open(a, CA_HOME_STORE, &home, &error);
    if (status == RFD_OK) status = list(a, &home, &error);
    ca_home_close(&home);
    return status == RFD_OK ? 0 : ca_exit(NULL, &error);
}

/* --- One --------------------------------------------------------------------------------------------------------- */

static void print_line(const char *name, const char *value)
{
    if (*value == '\0') return;
    (void)printf("%s%s%s%*s  %s\n", style_on(stdout, STYLE_DIM), name, style_on(stdout, STYLE_PLAIN),
                 16 - columns(name), "", value);
}

static void print_one(struct ca_home *home, const struct certificate_row *row)
{
    char serial[CA_SERIAL_SIZE];
    char moment[MOMENT_SIZE];
    print_line(tr(N_("Serial")), ca_serial_text(row->serial, serial));
    print_line(tr(N_("State")), state_text(row->state));
    print_line(tr(N_("Subject")), ca_text(&home->arena, row->subject));
    print_line(tr(N_("Profile")), ca_text(&home->arena, row->profile));
    print_line(tr(N_("Mail")), ca_text(&home->arena, row->mail));
    print_line(tr(N_("Request")), ca_text(&home->arena, row->request));
    print_line(tr(N_("Issued")), moment_text(row->issued_at, moment));
    print_line(tr(N_("Until")), moment_text(row->not_after, moment));
    if (row->revoked_at == RFD_TIME_NONE) return;
    print_line(tr(N_("Revoked since")), moment_text(row->revoked_at, moment));
    print_line(tr(N_("Reason")), reason_name(row->reason));
    if (row->invalid_since != RFD_TIME_NONE)
        print_line(tr(N_("Key lost since")), moment_text(row->invalid_since, moment));
}

static rfd_status write_pem(const struct arguments *a, slice der, struct rfd_error *error)
{
    struct buf pem;
    buf_init(&pem, PEM_MAXIMUM);
    pem_put(&pem, "CERTIFICATE", der);
    rfd_status status = buf_check(&pem, "certificate", error);
    if (status == RFD_OK && strcmp(a->output, "-") == 0)
        (void)fwrite(pem.data, 1, pem.length, stdout);
    else if (status == RFD_OK)
        status = output_whole(a->output, a->force, buf_slice(&pem), error);
    buf_dispose(&pem);
    return status;
}

static rfd_status show(const struct arguments *a, struct ca_home *home, struct rfd_error *error)
{
    struct certificate_row row;
    TRY(ca_find_certificate(home, a->operands[0], &row, error));
    if (a->output != NULL) return write_pem(a, row.der, error);
    if (a->json)
        print_json(home, &row, 1);
    else
        print_one(home, &row);
    return RFD_OK;
}

int ca_show(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home = {.live = false};
    if (a->operand_count != 1) {
        message_error("%s", tr(N_("Give one serial number")));
        return EXIT_USAGE;
    }
    rfd_status status = ca_home_open(a, CA_HOME_STORE, &home, &error);
    if (status == RFD_OK) status = show(a, &home, &error);
    ca_home_close(&home);
    return status == RFD_OK ? 0 : ca_exit(a->operands[0], &error);
}
