/* SPDX-License-Identifier: EUPL-1.2
 *
 * The people of access_world.h with the real keeper and authority of authority_world.h: two certifying agents of OTI
 * with certificates and keys of their own, one of OTRA, and citizens who ask for certificates. Peru's pack. The clock
 * runs.
 */
#ifndef TESTS_REGISTRATION_WORLD_H
#define TESTS_REGISTRATION_WORLD_H

#include "access_world.h"
#include "authority_world.h"
#include "domain/registration/internal.h"
#include "pki_fixture.h"

enum { AGENT = HEAD, RIVAL = DEPUTY, ELSEWHERE = OTHER_OPERATOR };

/** Of a group of tests: the keeper. */
int office_setup(void **state);
int office_teardown(void **state);
int office_sqlite(void **state);
int office_postgresql(void **state);
int office_close(void **state);
#define IN_BOTH_OFFICES(test)                                                                                          \
    cmocka_unit_test_setup_teardown(test, office_sqlite, office_close),                                                \
    {                                                                                                                  \
#test "_postgresql", test, office_postgresql, office_close, NULL                                               \
    }

struct office {
    struct store *store;
    struct authority_domain *domain;
    struct registration_settings settings;
    int64_t authority;
};
/** Of this test, with authority and agents; skips it when there is no such database. */
struct office *office_open(void **state);
/** An agent's certificate: AGENT, RIVAL, ELSEWHERE. */
const struct certificate *office_agent(int64_t person);

/** A form that is filled in well. Its request points into it: it is not moved. */
struct form {
    struct request request;
    struct applicant person;
    struct evidence_file files[4];
    size_t file_count;
    EVP_PKEY *key;
    struct buf pkcs10;
    char number[16], token[32], mail[40];
};
void form_new(struct form *f, const char *number);
/** Another key, with its PKCS#10. */
void form_key(struct form *f);
void form_free(struct form *f);

/** One call in a transaction of its own; as this person (0: nobody). */
struct call {
    struct office *office;
    struct actor actor;
    struct form *form;
    int64_t id;
    slice code, number, note, token;
    bool flag;
    struct faults faults;
    struct rfd_error error;
    rfd_time moment;
    enum request_way way;
    enum request_state state;
    uint64_t count;
    struct buf *buf;
    struct request_approval approval;
};
struct call office_as(struct office *o, int64_t person);
rfd_status office_write(struct call *c, store_work *work);
bool office_faulty(const struct call *c, const char *field);

rfd_status office_ask(struct call *c, struct form *f);
rfd_status office_ask_in_person(struct call *c, struct form *f);
rfd_status office_confirm(struct call *c, slice token);
rfd_status office_take(struct call *c, int64_t id);
rfd_status office_release(struct call *c, int64_t id);
rfd_status office_observe(struct call *c, int64_t id, const char *note);
rfd_status office_cancel(struct call *c, int64_t id, bool reject, const char *note);
rfd_status office_answer(struct call *c, const char *code, const char *number, struct form *f, const char *note);
rfd_status office_follow(struct call *c, const char *code, const char *number);
/** Marks all files as seen and good, by the agent. */
void office_check_files(struct call *c, int64_t id);
/** Signs what request_approval_text() says at `now`, by the agent's key, and sends it. */
rfd_status office_approve(struct call *c, int64_t id, rfd_time now);
/** The SignedData alone, for the request's one applicant. */
void office_sign(struct office *o, int64_t agent, int64_t id, rfd_time now, struct buf *out);
/** A SignedData of any text. */
void office_sign_text(int64_t agent, slice text, struct buf *out);
rfd_status office_send_approval(struct call *c, int64_t id, int64_t applicant, slice signed_data);
rfd_status office_issue(struct office *o, int64_t id, const char **why);

/** Asked, confirmed, taken by AGENT and all files checked; its id. */
int64_t office_taken(struct office *o, struct form *f);
/** As it is in the database; the slices live until seven more calls. */
struct request office_load(struct office *o, int64_t id);
enum request_state office_state(struct office *o, int64_t id);
int64_t office_number(struct office *o, const char *format, long long value);
/** The token of the last link of this page that was mailed; a static text. */
const char *office_mailed(struct office *o, const char *message, const char *page);
int64_t office_mails(struct office *o, const char *message);

#endif
