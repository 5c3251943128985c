/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda ca status: what there is, until when, and what has to be done.
 */
#include "base/clock.h"
#include "base/error.h"
#include "cli/ca.h"
#include "cli/json.h"
#include "domain/outbox/outbox.h"
#include "domain/transparency/transparency.h"

enum { AUTHORITY_WARN_DAYS = 365, RESPONDER_WARN_DAYS = 14 /* renewed by the worker long before */ };
#define DAY (86400 * RFD_SECOND)

struct report {
    const struct arguments *a;
    struct ca_home *home;
    json_t *authorities;
    unsigned duties; /* things that have to be done now */
};

/* --- What ends --------------------------------------------------------------------------------------------------- */

static enum style style_of_end(rfd_time end, rfd_time now, unsigned days)
{
    if (end <= now) return STYLE_BAD;
    return end - now < days * DAY ? STYLE_WARN : STYLE_GOOD;
}

static void print_end(const char *what, rfd_time end, unsigned days)
{
    char moment[MOMENT_SIZE];
    (void)printf("  %-26s %s%s%s\n", what, style_on(stdout, style_of_end(end, clock_now(), days)),
                 moment_text(end, moment), style_on(stdout, STYLE_PLAIN));
}

static void duty(struct report *r, const char *what)
{
    r->duties++;
    if (!r->a->json) (void)printf("  %s! %s%s\n", style_on(stdout, STYLE_BAD), what, style_on(stdout, STYLE_PLAIN));
}

static rfd_status end_of(slice der, rfd_time *out, struct rfd_error *error)
{
    const struct certificate *c = NULL;
    TRY(certificate_parse(der, &c, error));
    *out = c->not_after;
    certificate_unref(c);
    return RFD_OK;
}

/* --- One authority ----------------------------------------------------------------------------------------------- */

static void print_counts(const struct authority_counts *n)
{
    (void)printf("  %-26s ", tr(N_("certificates")));
    (void)printf(tr(N_("valid: %llu, on hold: %llu, revoked: %llu, expired: %llu\n")), (unsigned long long)n->valid,
                 (unsigned long long)n->held, (unsigned long long)n->revoked, (unsigned long long)n->expired);
    if (n->ending_30_days > 0)
        (void)printf("  %-26s %llu\n", tr(N_("ending within 30 days")), (unsigned long long)n->ending_30_days);
}

static json_t *json_time(rfd_time t)
{
    char text[CLOCK_TEXT_SIZE];
    return t == RFD_TIME_NONE ? json_null() : json_string(clock_iso(t, text));
}

struct ends {
    rfd_time authority, responder, lists; /* RFD_TIME_NONE: there is none */
};

static void put_json(struct report *r, const struct authority *authority, const struct ends *ends,
                     const struct authority_counts *n)
{
    (void)json_array_append_new(
        r->authorities, json_pack("{s:s, s:b, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I}", "name",
                                  ca_text(&r->home->arena, authority->name), "issues", authority->key.length > 0,
                                  "not_after", json_time(ends->authority), "responder_not_after",
                                  json_time(ends->responder), "next_list", json_time(ends->lists), "valid",
                                  (json_int_t)n->valid, "held", (json_int_t)n->held, "revoked", (json_int_t)n->revoked,
                                  "expired", (json_int_t)n->expired, "ending_30_days", (json_int_t)n->ending_30_days));
}

static void print_text(struct report *r, const struct authority *authority, const struct ends *ends,
                       const struct authority_counts *n)
{
    (void)printf("%s%s%s\n", style_on(stdout, STYLE_BOLD), ca_text(&r->home->arena, authority->name),
                 style_on(stdout, STYLE_PLAIN));
    print_end(tr(N_("authority until")), ends->authority, AUTHORITY_WARN_DAYS);
    if (ends->responder != RFD_TIME_NONE)
        print_end(tr(N_("OCSP responder until")), ends->responder, RESPONDER_WARN_DAYS);
    if (ends->lists != RFD_TIME_NONE) {
        char moment[MOMENT_SIZE];
        (void)printf("  %-26s %s\n", tr(N_("revocation lists until")), moment_text(ends->lists, moment));
    }
    if (authority->key.length > 0) print_counts(n);
}

static rfd_status report_authority(struct report *r, const struct authority *authority, struct rfd_error *error)
{
    struct authority_counts n;
    struct ends ends = {RFD_TIME_NONE, RFD_TIME_NONE, RFD_TIME_NONE};
    rfd_time now = clock_now();
    TRY(authority_count(&r->home->domain, authority->id, &n, error));
    TRY(end_of(authority->certificate, &ends.authority, error));
    if (authority->ocsp_certificate.length > 0) TRY(end_of(authority->ocsp_certificate, &ends.responder, error));
    ends.lists = n.next_crl;
    if (r->a->json)
        put_json(r, authority, &ends, &n);
    else
        print_text(r, authority, &ends, &n);
    if (ends.authority < now)
        duty(r, tr(N_("the authority's certificate has expired: hold a ceremony for the next one")));
    if (ends.responder != RFD_TIME_NONE && ends.responder < now + DAY)
        duty(r, tr(N_("the OCSP responder's certificate ends: see that the worker runs, it renews it")));
    if (authority->key.length > 0 && ends.lists != RFD_TIME_NONE && ends.lists < now)
        duty(r, tr(N_("a revocation list has ended: run refrenda ca crl --now, and see why the worker does not")));
    return RFD_OK;
}

/* --- The rest ---------------------------------------------------------------------------------------------------- */

static rfd_status report_rest(struct report *r, struct rfd_error *error)
{
    struct outbox_counts mails;
    struct tree_head head = {.size = 0, .time = RFD_TIME_NONE};
    struct rfd_error none = RFD_ERROR_INIT;
    char moment[MOMENT_SIZE];
    TRY(outbox_count(r->home->store, &mails, error));
    rfd_status status = transparency_head(r->home->store, &r->home->arena, &head, &none);
    if (status != RFD_OK && status != RFD_E_NOT_FOUND) {
        if (error != NULL) *error = none;
        return status;
    }
    if (r->a->json) return RFD_OK;
    (void)printf("%s%s%s\n", style_on(stdout, STYLE_BOLD), tr(N_("services")), style_on(stdout, STYLE_PLAIN));
    (void)printf("  %-26s %s\n", tr(N_("server")), r->home->live ? tr(N_("running")) : tr(N_("not running")));
    (void)printf("  %-26s %llu", tr(N_("transparency log")), (unsigned long long)head.size);
    if (head.size > 0) (void)printf(", %s", moment_text(head.time, moment));
    (void)printf("\n  %-26s ", tr(N_("mails")));
    (void)printf(tr(N_("waiting: %llu, given up: %llu\n")), (unsigned long long)mails.waiting,
                 (unsigned long long)mails.given_up);
    return RFD_OK;
}

static rfd_status report_all(struct report *r, struct rfd_error *error)
{
    struct authority_list list;
    TRY(authority_list(&r->home->domain, &r->home->arena, &list, error));
    for (size_t i = 0; i < list.count; i++) TRY(report_authority(r, &list.items[i], error));
    return report_rest(r, error);
}

int ca_status(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home = {.live = false};
    struct report report = {a, &home, json_array(), 0};
    rfd_status status = ca_home_open(a, CA_HOME_STORE, &home, &error);
    if (status == RFD_OK) status = report_all(&report, &error);
    ca_home_close(&home);
    if (status == RFD_OK && a->json)
        json_print(stdout, "authorities", report.authorities);
    else
        json_decref(report.authorities);
    if (status != RFD_OK) return ca_exit(NULL, &error);
    return report.duties > 0 ? 1 : 0;
}
