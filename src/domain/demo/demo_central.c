/* SPDX-License-Identifier: EUPL-1.2
 *
 * People who were at an office already: the demonstration's agent approved that they make certificates whose key is
 * kept centrally. What comes then, they do themselves: password, code, certificate, signature.
 */
#include "base/error.h"
#include "domain/demo/demo_internal.h"
#include "domain/registration/internal.h"
#include "keeper/approval_sign.h"

static const char *const enrolled[] = {"00000201", "00000101"};
enum { ENROLLED = sizeof enrolled / sizeof *enrolled };

static rfd_status describe(struct transaction *t, const struct filling *f, unsigned row, struct request *request,
                           struct applicant *applicant, struct rfd_error *error)
{
    struct person p;
    TRY(person_find(t, demo_person(f, enrolled[row]), &p, error));
    const char *code = arena_print(store_arena(t), "DEMO-%u", row + 1);
    if (code == NULL) return arena_failed(store_arena(t), error);
    *request = (struct request){.code = slice_text(code), .country = SLICE(DEMO_COUNTRY), .entity = f->entity};
    *applicant = (struct applicant){.place = 1,
                                    .person = p.id,
                                    .country = p.country,
                                    .document = p.document,
                                    .number = p.number,
                                    .given_names = p.given_names,
                                    .surname = p.surname,
                                    .second_surname = p.second_surname,
                                    .mail = p.mail,
                                    .mobile = p.mobile,
                                    .profile = SLICE("pe-natural-person"),
                                    .central = true};
    return RFD_OK;
}

static rfd_status enrol(struct transaction *t, const struct filling *f, unsigned row, struct rfd_error *error)
{
    struct request request;
    struct applicant applicant;
    struct buf text, signed_data;
    TRY(describe(t, f, row, &request, &applicant, error));
    buf_init(&text, APPROVAL_MAXIMUM);
    buf_init(&signed_data, APPROVAL_SIGNED_MAXIMUM);
    rfd_status status = request_approval_text(t, f->options->registration, &request, &applicant, f->now, &text, error);
    if (status == RFD_OK) status = approval_sign(f->options->agent, buf_slice(&text), &signed_data, error);
    if (status == RFD_OK)
        status = request_central_enrol(t, &f->actor, &request, &applicant, buf_slice(&signed_data), error);
    buf_dispose(&text);
    buf_dispose(&signed_data);
    return status;
}

rfd_status demo_central(struct transaction *t, const struct filling *f, struct rfd_error *error)
{
    for (unsigned i = 0; i < ENROLLED; i++) TRY(enrol(t, f, i, error));
    return RFD_OK;
}
