/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "registration_world.h"

#include "base/clock.h"
#include "base/error.h"
#include "issue_support.h"
#include "keeper/approval.h"

#include <stdio.h>

enum { LOADED = 8, TOKEN_TEXT = 44 };

static struct office office;
static struct identity agents[PEOPLE];
static struct arena memory, loaded[LOADED];
static unsigned turn, blobs, forms;

/* ---- The world ---- */

int office_setup(void **state)
{
    return authority_world_setup(state);
}

int office_teardown(void **state)
{
    return authority_world_teardown(state);
}

static int make(void **state)
{
    clock_fix(RFD_TIME_NONE);
    arena_init(&memory, 8 << 20);
    for (size_t i = 0; i < LOADED; i++) arena_init(&loaded[i], 4 << 20);
    (void)state;
    return 0;
}

int office_sqlite(void **state)
{
    (void)access_world_sqlite(state);
    return make(state);
}

int office_postgresql(void **state)
{
    (void)access_world_postgresql(state);
    return make(state);
}

int office_close(void **state)
{
    for (size_t i = 0; i < PEOPLE; i++) {
        if (agents[i].key != NULL) EVP_PKEY_free(agents[i].key);
        if (agents[i].certificate != NULL) certificate_unref(agents[i].certificate);
        agents[i] = (struct identity){.key = NULL};
    }
    for (size_t i = 0; i < LOADED; i++) arena_dispose(&loaded[i]);
    arena_dispose(&memory);
    return access_world_close(state);
}

static void make_agent(int64_t person, int64_t unit)
{
    struct ticket ticket;
    struct certificate_row row;
    struct identity *agent = &agents[person];
    unsigned char *spki = NULL;
    char name[24];
    bool again;
    (void)world_grant(office.store, person, ROLE_CERTIFYING_AGENT, unit);
    agent->kind = "P-256";
    agent->key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    int length = i2d_PUBKEY(agent->key, &spki);
    assert_true(length > 0);
    ticket_new_for(&ticket, office.authority, (unsigned)person, "", slice_of(spki, (size_t)length));
    OPENSSL_free(spki);
    WORLD_OK(authority_issue(office.domain, &ticket.order, &memory, &row, &again, &error));
    WORLD_OK(certificate_parse(row.der, &agent->certificate, &error));
    ticket_free(&ticket);
    (void)snprintf(name, sizeof name, "person-%d", (int)person);
    authority_world_register(name, agent->certificate, "pe-natural-person,pe-legal-person-seal");
}

const struct certificate *office_agent(int64_t person)
{
    return agents[person].certificate;
}

struct office *office_open(void **state)
{
    office = (struct office){.store = domain_store_of(state)};
    office.domain = authority_world(state, &office.authority);
    office.settings = (struct registration_settings){.packs = office.domain->packs,
                                                     .country = "pe",
                                                     .link_hours = 72,
                                                     .return_days = 5,
                                                     .resend_days = 7,
                                                     .authority = ""};
    make_agent(AGENT, UNIT_OTI);
    make_agent(RIVAL, UNIT_OTI);
    make_agent(ELSEWHERE, UNIT_OTRA);
    return &office;
}

/* ---- Forms ---- */

void form_key(struct form *f)
{
    X509_REQ *request = X509_REQ_new();
    unsigned char *der = NULL;
    EVP_PKEY_free(f->key);
    f->key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    assert_int_equal(X509_REQ_set_pubkey(request, f->key), 1);
    assert_true(X509_REQ_sign(request, f->key, EVP_sha256()) > 0);
    int length = i2d_X509_REQ(request, &der);
    assert_true(length > 0);
    buf_dispose(&f->pkcs10);
    buf_init(&f->pkcs10, 8192);
    buf_put(&f->pkcs10, der, (size_t)length);
    OPENSSL_free(der);
    X509_REQ_free(request);
    f->person.pkcs10 = buf_slice(&f->pkcs10);
}

static void add_file(struct form *f, const char *kind)
{
    struct evidence_file *file = &f->files[f->file_count++];
    *file = (struct evidence_file){.kind = slice_text(kind), .name = SLICE("escaneo.pdf")};
    (void)snprintf(file->blob.id, sizeof file->blob.id, "%064x", ++blobs);
    file->blob.size = 1000;
    file->blob.type = SLICE("application/pdf");
    file->blob.wrapped = SLICE("key");
}

void form_new(struct form *f, const char *number)
{
    *f = (struct form){.file_count = 0};
    (void)snprintf(f->number, sizeof f->number, "%s", number);
    (void)snprintf(f->token, sizeof f->token, "form-%u", ++forms);
    (void)snprintf(f->mail, sizeof f->mail, "p%s@example.pe", number);
    f->person = (struct applicant){.document = SLICE("dni"),
                                   .number = slice_text(f->number),
                                   .given_names = SLICE("Rosa  María"),
                                   .surname = SLICE("Quispe"),
                                   .second_surname = SLICE("Mamani"),
                                   .mail = slice_text(f->mail),
                                   .mail_again = slice_text(f->mail),
                                   .mobile = SLICE("987 654 321"),
                                   .locality = SLICE("150101"),
                                   .address = SLICE("Jr. Junín 123"),
                                   .document_issued = RFD_TIME_NONE,
                                   .installation_at = RFD_TIME_NONE};
    f->request = (struct request){.token = slice_text(f->token),
                                  .kind = SLICE("issue"),
                                  .unit = UNIT_OTI,
                                  .language = SLICE("es"),
                                  .applicants = &f->person,
                                  .applicant_count = 1};
    form_key(f);
    add_file(f, "identity-front");
    add_file(f, "identity-back");
    add_file(f, "proof-of-address");
}

void form_free(struct form *f)
{
    EVP_PKEY_free(f->key);
    buf_dispose(&f->pkcs10);
}

/* ---- Calls ---- */

struct call office_as(struct office *o, int64_t person)
{
    struct call c = {.office = o};
    if (person != 0) c.actor = world_actor(o->store, person);
    return c;
}

bool office_faulty(const struct call *c, const char *field)
{
    for (unsigned i = 0; i < c->faults.count; i++) {
        if (strcmp(c->faults.items[i].field, field) == 0) return true;
    }
    return false;
}

rfd_status office_write(struct call *c, store_work *work)
{
    c->error = RFD_ERROR_INIT;
    rfd_status status = store_write(c->office->store, work, c, &c->error);
    if (status != RFD_OK && status != RFD_E_INVALID && status != RFD_E_FORBIDDEN && status != RFD_E_STATE &&
        status != RFD_E_NOT_FOUND && status != RFD_E_UNAUTHORISED && status != RFD_E_SLOW_DOWN)
        fail_msg("%s: %s: %s", rfd_status_name(status), c->error.detail, c->error.causes[0].detail);
    return status;
}

static rfd_status ask(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    c->faults.count = 0;
    return request_ask(t, &c->actor, &c->office->settings, &c->form->request, c->form->files, c->form->file_count,
                       &c->faults, &c->id, error);
}

rfd_status office_ask(struct call *c, struct form *f)
{
    c->form = f;
    return office_write(c, ask);
}

static rfd_status ask_in_person(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    c->faults.count = 0;
    return request_ask_in_person(t, &c->actor, &c->office->settings, &c->form->request, c->form->files,
                                 c->form->file_count, &c->faults, &c->id, error);
}

rfd_status office_ask_in_person(struct call *c, struct form *f)
{
    c->form = f;
    return office_write(c, ask_in_person);
}

static rfd_status confirm(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    return request_confirm(t, c->token, clock_now(), &c->id, error);
}

rfd_status office_confirm(struct call *c, slice token)
{
    c->token = token;
    return office_write(c, confirm);
}

static rfd_status take(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    return request_take(t, &c->actor, c->id, error);
}

rfd_status office_take(struct call *c, int64_t id)
{
    c->id = id;
    return office_write(c, take);
}

static rfd_status release(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    return request_release(t, &c->actor, c->id, error);
}

rfd_status office_release(struct call *c, int64_t id)
{
    c->id = id;
    return office_write(c, release);
}

static rfd_status observe(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    c->faults.count = 0;
    return request_observe(t, &c->actor, c->id, c->note, &c->faults, error);
}

rfd_status office_observe(struct call *c, int64_t id, const char *note)
{
    c->id = id;
    c->note = slice_text(note);
    return office_write(c, observe);
}

static rfd_status cancel(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    c->faults.count = 0;
    return request_cancel(t, &c->actor, c->id, c->flag, c->note, &c->faults, error);
}

rfd_status office_cancel(struct call *c, int64_t id, bool reject, const char *note)
{
    c->id = id;
    c->flag = reject;
    c->note = slice_text(note);
    return office_write(c, cancel);
}

static rfd_status answer(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    c->faults.count = 0;
    return request_answer(t, &c->office->settings, c->code, c->number, c->form == NULL ? NULL : c->form->files,
                          c->form == NULL ? 0 : c->form->file_count, c->note, &c->faults, error);
}

rfd_status office_answer(struct call *c, const char *code, const char *number, struct form *f, const char *note)
{
    c->code = slice_text(code);
    c->number = slice_text(number);
    c->form = f;
    c->note = slice_text(note);
    return office_write(c, answer);
}

static rfd_status follow(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    struct request r;
    TRY(request_follow(t, &c->office->settings, c->code, c->number, &r, error));
    c->id = r.id;
    c->count = r.applicant_count;
    return RFD_OK;
}

rfd_status office_follow(struct call *c, const char *code, const char *number)
{
    c->code = slice_text(code);
    c->number = slice_text(number);
    return office_write(c, follow);
}

static rfd_status check_files(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    struct evidence *files;
    size_t count;
    TRY(evidence_list(t, c->id, false, &files, &count, error));
    for (size_t i = 0; i < count; i++) TRY(evidence_mark(t, &c->actor, files[i].id, true, true, true, error));
    return RFD_OK;
}

void office_check_files(struct call *c, int64_t id)
{
    c->id = id;
    assert_int_equal(office_write(c, check_files), RFD_OK);
}

/* ---- Approving and issuing ---- */

static rfd_status text(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    struct request r;
    TRY(request_find(t, c->id, &r, error));
    buf_reset(c->buf);
    return request_approval_text(t, &c->office->settings, &r, &r.applicants[0], c->moment, c->buf, error);
}

void office_sign(struct office *o, int64_t agent, int64_t id, rfd_time now, struct buf *out)
{
    struct buf approval;
    struct call c = {.office = o, .id = id, .moment = now, .buf = &approval};
    buf_init(&approval, APPROVAL_MAXIMUM);
    assert_int_equal(office_write(&c, text), RFD_OK);
    issue_sign_text(&agents[agent], buf_slice(&approval), out);
    buf_dispose(&approval);
}

void office_sign_text(int64_t agent, slice text, struct buf *out)
{
    issue_sign_text(&agents[agent], text, out);
}

static rfd_status approve(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call *c = context;
    c->faults.count = 0;
    return request_approve(t, &c->actor, &c->office->settings, c->id, &c->approval, 1, &c->faults, error);
}

rfd_status office_send_approval(struct call *c, int64_t id, int64_t applicant, slice signed_data)
{
    c->id = id;
    c->approval = (struct request_approval){applicant, signed_data};
    return office_write(c, approve);
}

rfd_status office_approve(struct call *c, int64_t id, rfd_time now)
{
    struct buf signed_data;
    buf_init(&signed_data, APPROVAL_SIGNED_MAXIMUM);
    office_sign(c->office, c->actor.person, id, now, &signed_data);
    int64_t applicant = office_number(c->office, "SELECT id FROM applicant WHERE request = %lld", id);
    rfd_status status = office_send_approval(c, id, applicant, buf_slice(&signed_data));
    buf_dispose(&signed_data);
    return status;
}

rfd_status office_issue(struct office *o, int64_t id, const char **why)
{
    struct rfd_error error = RFD_ERROR_INIT;
    return request_issue(o->domain, &o->settings, id, why, &error);
}

/* ---- What is there ---- */

int64_t office_taken(struct office *o, struct form *f)
{
    struct call nobody = office_as(o, 0), agent = office_as(o, AGENT);
    if (office_ask(&nobody, f) != RFD_OK) fail_msg("%s", nobody.error.detail);
    const char *token = office_mailed(o, "request-confirm", REGISTRATION_PAGE_CONFIRM);
    assert_int_equal(office_confirm(&nobody, slice_text(token)), RFD_OK);
    assert_int_equal(office_take(&agent, nobody.id), RFD_OK);
    office_check_files(&agent, nobody.id);
    return nobody.id;
}

struct loading {
    int64_t id;
    struct request request;
    struct arena *a;
};

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct loading *l = context;
    struct request *r = &l->request;
    TRY(request_find(t, l->id, r, error));
    slice *texts[] = {&r->code, &r->note, &r->language};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) TRY(store_keep(l->a, texts[i], error));
    struct applicant *all = arena_zeroed(l->a, r->applicant_count + 1, sizeof *all);
    for (size_t i = 0; i < r->applicant_count; i++) {
        all[i] = r->applicants[i];
        slice *own[] = {&all[i].number,  &all[i].mail, &all[i].mobile,  &all[i].given_names,
                        &all[i].profile, &all[i].spki, &all[i].approved};
        for (size_t k = 0; k < sizeof own / sizeof *own; k++) TRY(store_keep(l->a, own[k], error));
    }
    r->applicants = all;
    return RFD_OK;
}

struct request office_load(struct office *o, int64_t id)
{
    struct loading l = {.id = id, .a = &loaded[turn++ % LOADED]};
    arena_dispose(l.a);
    arena_init(l.a, 4 << 20);
    assert_int_equal(store_read(o->store, load, &l, NULL), RFD_OK);
    return l.request;
}

enum request_state office_state(struct office *o, int64_t id)
{
    return office_load(o, id).state;
}

int64_t office_number(struct office *o, const char *format, long long value)
{
    return world_number(o->store, format, value);
}

struct mailed {
    const char *message, *page;
    char token[TOKEN_TEXT];
};

static rfd_status find_mail(struct transaction *t, void *context, struct rfd_error *error)
{
    struct mailed *m = context;
    const struct store_value name = store_text(slice_text(m->message));
    struct store_rows rows;
    TRY(store_run(t, "SELECT body FROM outbox WHERE name = $1 AND channel = 0 ORDER BY id DESC LIMIT 1", &name, 1,
                  &rows, error));
    assert_int_equal(rows.count, 1);
    slice body = store_cell(&rows, 0, 0)->bytes;
    const uint8_t *at = memmem(body.data, body.length, m->page, strlen(m->page));
    assert_non_null(at);
    memcpy(m->token, at + strlen(m->page), TOKEN_TEXT - 1);
    return RFD_OK;
}

const char *office_mailed(struct office *o, const char *message, const char *page)
{
    static struct mailed m;
    m = (struct mailed){message, page, ""};
    assert_int_equal(store_read(o->store, find_mail, &m, NULL), RFD_OK);
    return m.token;
}

int64_t office_mails(struct office *o, const char *message)
{
    char sql[160];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM outbox WHERE name = '%s'", message);
    return domain_store_number(o->store, sql);
}
