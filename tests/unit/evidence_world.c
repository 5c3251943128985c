/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "evidence_world.h"

#include "base/error.h"
#include "domain/registration/internal.h"

#include <stdio.h>

static rfd_status enter_applicant(struct transaction *t, void *context, struct rfd_error *error)
{
    struct applicant *a = context;
    return applicant_put_row(t, a, error);
}

static void make_request(struct store *store, int64_t id, const char *way, int unit, int requester, int taker)
{
    char sql[900];
    char mail[40];
    char person[16] = "NULL";
    struct rfd_error error = RFD_ERROR_INIT;
    if (requester != 0) (void)snprintf(person, sizeof person, "%d", requester);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO request(code, way, kind, motive, description, country, state, entity, unit, requester, "
                   "language, in_person, created, taken, taker, note, external) VALUES ('X-000%d-2026', '%s', 'issue', "
                   "'', '', 'pe', 'taken', 1, %d, %s, 'es', FALSE, 1000, 2000, %d, '', FALSE)",
                   (int)id, way, unit, person, taker);
    (void)domain_store_run(store, sql);
    (void)snprintf(mail, sizeof mail, "rosa%d@example.pe", (int)id);
    struct applicant a = {.request = id,
                          .place = 1,
                          .country = SLICE("pe"),
                          .document = SLICE("dni"),
                          .number = SLICE("00000091"),
                          .given_names = SLICE("Rosa"),
                          .surname = SLICE("Huanca"),
                          .mail = slice_text(mail),
                          .document_issued = RFD_TIME_NONE,
                          .installation_at = RFD_TIME_NONE};
    if (store_write(store, enter_applicant, &a, &error) != RFD_OK) fail_msg("%s", error.detail);
    assert_int_equal(a.id, id);
}

void evidence_world_requests(struct store *store)
{
    make_request(store, 1, "online", UNIT_OTI, 0, AGENT);
    make_request(store, 2, "agency", UNIT_OTI, BERTA, AGENT);
    make_request(store, 3, "online", UNIT_OTRA, 0, OTHER_AGENT);
    (void)world_grant(store, AGENT, ROLE_CERTIFYING_AGENT, UNIT_OTI);
    (void)world_grant(store, DEPUTY, ROLE_CERTIFYING_AGENT, UNIT_OTI);
    (void)world_grant(store, OTHER_AGENT, ROLE_CERTIFYING_AGENT, UNIT_OTRA);
    (void)world_grant(store, BERTA, ROLE_CERTIFICATION_LEAD, UNIT_OTI);
}

rfd_status evidence_world_put_work(struct transaction *t, void *context, struct rfd_error *error)
{
    struct evidence_putting *p = context;
    return evidence_add(t, SLICE("anybody"), p->request, p->applicant, p->payment, &p->file, p->scanner, &p->id, error);
}

struct evidence_putting evidence_world_file(int64_t request, const char *kind, char content, bool scanner)
{
    struct evidence_putting p = {.request = request, .applicant = request, .scanner = scanner};
    memset(p.file.blob.id, content, BLOB_ID_SIZE - 1);
    p.file.kind = slice_text(kind);
    p.file.name = SLICE("carné.pdf");
    p.file.blob.size = 7;
    p.file.blob.type = SLICE("application/pdf");
    p.file.blob.wrapped = SLICE("key");
    return p;
}

int64_t evidence_world_put(struct store *store, int64_t request, const char *kind, char content, bool scanner)
{
    struct evidence_putting p = evidence_world_file(request, kind, content, scanner);
    struct rfd_error error = RFD_ERROR_INIT;
    if (store_write(store, evidence_world_put_work, &p, &error) != RFD_OK) fail_msg("%s", error.detail);
    return p.id;
}
