/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda audit verify, audit list.
 */
#include "cli/audit.h"

#include "base/clock.h"
#include "base/error.h"
#include "cli/ca.h"
#include "cli/json.h"
#include "cli/safe_text.h"
#include "domain/audit/audit.h"
#include "keeper/ask.h"

enum { ACTION_COLUMN = 20, ACTOR_COLUMN = 14, LIMIT_USUAL = 50, TEXT_MAXIMUM = 64 << 10 };
enum { EXIT_FAULT = 1 };

/* --- audit verify ------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *text;
} faults[] = {
    [AUDIT_FINE] = {"", ""},
    [AUDIT_ALTERED] = {"altered", N_("A row was altered")},
    [AUDIT_MISSING] = {"missing", N_("A row was deleted")},
    [AUDIT_REORDERED] = {"reordered", N_("Rows were put in another order")},
    [AUDIT_CUT] = {"cut", N_("The end of the trail was cut off")},
    [AUDIT_CHECKPOINT] = {"checkpoint", N_("A signed checkpoint contradicts the trail, or is forged")},
};

/** What the keeper has for its seal key; NULL when it has none. */
static rfd_status seal_certificate(struct ca_home *home, const struct certificate **out, struct rfd_error *error)
{
    struct ask_public_key key = {.certificate = SLICE_EMPTY};
    TRY(ask_public_key(home->keeper, slice_text(home->settings->keys.seal_key), &home->arena, &key, error));
    return key.certificate.length > 0 ? certificate_parse(key.certificate, out, error) : RFD_OK;
}

static void print_verdict_json(const struct audit_verdict *v)
{
    json_t *list = json_array();
    (void)json_array_append_new(list, json_pack("{s:b, s:s, s:I, s:I, s:I, s:I, s:s}", "good", v->fault == AUDIT_FINE,
                                                "fault", faults[v->fault].name, "sequence", (json_int_t)v->sequence,
                                                "rows", (json_int_t)v->rows, "waiting", (json_int_t)v->waiting,
                                                "checkpoints", (json_int_t)v->checkpoints, "text", v->text));
    json_print(stdout, "audit", list);
}

static void print_verdict(const struct arguments *a, const struct audit_verdict *v)
{
    if (a->json) print_verdict_json(v);
    if (v->fault != AUDIT_FINE) {
        message_error("%s: %s", tr(faults[v->fault].text), v->text);
        message_hint("%s", tr(N_("Keep the database as it is and compare it with a backup.")));
        return;
    }
    if (a->json || a->quiet) return;
    (void)printf(tr(N_("The audit trail is whole: %llu rows, %llu signed checkpoints, %llu rows not chained yet.\n")),
                 (unsigned long long)v->rows, (unsigned long long)v->checkpoints, (unsigned long long)v->waiting);
}

static rfd_status verify(const struct arguments *a, struct ca_home *home, struct audit_verdict *out,
                         struct rfd_error *error)
{
    const struct certificate *certificate = NULL;
    TRY(a->cert != NULL ? ca_read_certificate(a->cert, &certificate, error)
                        : seal_certificate(home, &certificate, error));
    if (certificate == NULL)
        message_warning("%s", tr(N_("the seal key has no certificate: the signatures of checkpoints are not checked")));
    rfd_status status = audit_verify(home->store, home->keeper, certificate, out, error);
    certificate_unref(certificate);
    return status;
}

int audit_verify_run(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home = {0};
    struct audit_verdict verdict = {.fault = AUDIT_FINE};
    rfd_status status = ca_home_open(a, CA_HOME_STORE | CA_HOME_KEEPER, &home, &error);
    if (status == RFD_OK) {
        status = verify(a, &home, &verdict, &error);
        ca_home_close(&home);
    }
    if (status == RFD_E_AUDIT) {
        message_status(NULL, &error);
        return EXIT_FAULT;
    }
    if (status != RFD_OK) return ca_exit(NULL, &error);
    print_verdict(a, &verdict);
    return verdict.fault == AUDIT_FINE ? 0 : EXIT_FAULT;
}

/* --- audit list --------------------------------------------------------------------------------------------------- */

struct listing {
    json_t *list; /* NULL: as text */
    bool verbose, spanish;
    struct buf text;
};

/** A slice as a text that ends with a zero, in the listing's memory. */
static const char *text_of(struct listing *l, slice s)
{
    buf_reset(&l->text);
    buf_put_slice(&l->text, s);
    buf_put_byte(&l->text, 0);
    return buf_status(&l->text) == RFD_OK ? (const char *)l->text.data : "";
}

static void print_field(struct listing *l, slice s, const char *after)
{
    safe_print(stdout, text_of(l, s));
    (void)fputs(after, stdout);
}

/** As a column of at least `width` characters. */
static void print_column(struct listing *l, slice s, size_t width)
{
    print_field(l, s, "  ");
    if (s.length < width) (void)printf("%*s", (int)(width - s.length), "");
}

static void print_row_text(struct listing *l, const struct audit_row *row)
{
    char moment[MOMENT_SIZE];
    const struct audit_action *action = audit_action_find(row->action);
    if (row->sequence > 0)
        (void)printf("%8llu  ", (unsigned long long)row->sequence);
    else
        (void)printf("%8s  ", "-");
    (void)printf("%s  ", moment_text(row->time, moment));
    print_column(l, row->action, ACTION_COLUMN);
    print_column(l, row->actor, ACTOR_COLUMN);
    print_field(l, row->object, "\n");
    if (!l->verbose) return;
    if (action != NULL) (void)printf("%10s%s (", "", l->spanish ? action->spanish : action->english);
    print_field(l, row->node, action != NULL ? ")\n" : "\n");
    if (row->detail.length == 0) return;
    (void)printf("%10s", "");
    print_field(l, row->detail, "\n");
}

static json_t *json_of(struct listing *l, const struct audit_row *row)
{
    char moment[CLOCK_TEXT_SIZE];
    json_t *object =
        json_pack("{s:I, s:s}", "sequence", (json_int_t)row->sequence, "time", clock_iso(row->time, moment));
    (void)json_object_set_new(object, "node", safe_json(text_of(l, row->node)));
    (void)json_object_set_new(object, "action", safe_json(text_of(l, row->action)));
    (void)json_object_set_new(object, "actor", safe_json(text_of(l, row->actor)));
    (void)json_object_set_new(object, "object", safe_json(text_of(l, row->object)));
    if (row->detail.length == 0) return object;
    json_t *detail = json_loadb((const char *)row->detail.data, row->detail.length, JSON_REJECT_DUPLICATES, NULL);
    (void)json_object_set_new(object, "detail", detail != NULL ? detail : safe_json(text_of(l, row->detail)));
    return object;
}

static rfd_status take_row(void *context, const struct audit_row *row, struct rfd_error *error)
{
    struct listing *l = context;
    if (l->list == NULL)
        print_row_text(l, row);
    else if (json_array_append_new(l->list, json_of(l, row)) != 0)
        return error_memory(error);
    return RFD_OK;
}

int audit_list_run(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home = {0};
    const char *language = messages_language();
    struct listing l = {.list = a->json ? json_array() : NULL,
                        .verbose = a->verbose,
                        .spanish = language != NULL && strncmp(language, "es", 2) == 0};
    buf_init(&l.text, TEXT_MAXIMUM);
    rfd_status status = ca_home_open(a, CA_HOME_STORE, &home, &error);
    if (status == RFD_OK) {
        status = audit_list(home.store, a->audit_actor == NULL ? SLICE_EMPTY : slice_text(a->audit_actor),
                            a->audit_object == NULL ? SLICE_EMPTY : slice_text(a->audit_object), 0,
                            a->limit > 0 ? (size_t)a->limit : LIMIT_USUAL, take_row, &l, &error);
        ca_home_close(&home);
    }
    buf_dispose(&l.text);
    if (a->json) json_print(stdout, "audit", l.list);
    return status == RFD_OK ? 0 : ca_exit(NULL, &error);
}
