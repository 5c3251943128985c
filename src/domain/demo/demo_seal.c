/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/demo/demo_seal.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/central/entity_seal.h"
#include "domain/central/internal.h"
#include "domain/central/portal_proof.h"
#include "domain/central/seal_order.h"
#include "domain/demo/demo_internal.h"
#include "keeper/approval_sign.h"
#include "keeper/hpke.h"

#define AGENT "00000105"

enum { MILLISECONDS = 30000, PROOF_MAXIMUM = 1024, INFO_MAXIMUM = 4096, MEMORY = 1 << 20, DAILY = 1000, TEXTS = 5 };

struct sealing {
    const struct demo_seal_options *options;
    struct arena a;
    struct actor keeper; /* who answers for it */
    int64_t enrolment, portal;
    struct demo_seal made;
};

/* ---- People ---- */

/** Whoever has this number, as if signed in. */
static rfd_status find_actor(struct transaction *t, const char *number, struct arena *a, struct actor *out,
                             struct rfd_error *error)
{
    const struct store_value value = store_text(slice_text(number));
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT a.id, a.person, a.code FROM account a JOIN person p ON p.id = a.person WHERE p.number = $1 "
                  "ORDER BY a.id LIMIT 1",
                  &value, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "this is no demonstration: refrenda demo fill");
    const struct store_value *v = store_cell(&rows, 0, 0);
    *out = (struct actor){.account = v[0].integer,
                          .person = v[1].integer,
                          .code = v[2].bytes,
                          .level = LEVEL_ADVANCED,
                          .methods = METHOD_PASSWORD};
    TRY(actor_load_roles(t, out->person, clock_now(), a, &out->roles, &out->role_count, error));
    return store_keep(a, &out->code, error);
}

/* ---- The agents ---- */

static rfd_status sign(struct sealing *s, slice text, unsigned agent, slice *out, struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, APPROVAL_SIGNED_MAXIMUM);
    rfd_status status = approval_sign(s->options->agents[agent], text, &b, error);
    if (status == RFD_OK) *out = arena_copy(&s->a, buf_slice(&b));
    if (status == RFD_OK && out->data == NULL) status = arena_failed(&s->a, error);
    buf_dispose(&b);
    return status;
}

static rfd_status approve(struct transaction *t, struct sealing *s, struct rfd_error *error)
{
    const struct registration_settings *settings = s->options->registration;
    const struct actor itself = actor_system("demo");
    struct faults faults = {.count = 0};
    struct actor agent;
    slice approvals[2];
    int64_t id = 0;
    TRY(find_actor(t, AGENT, &s->a, &agent, error));
    struct seal_order order = {
        .person = s->keeper.person, .basis = SLICE("Resolución 014-2026 (inventada)"), .code = s->options->code};
    struct store_rows rows;
    TRY(store_run(t, "SELECT id FROM entity ORDER BY id LIMIT 1", NULL, 0, &rows, error));
    order.entity = rows.count == 0 ? 0 : store_cell(&rows, 0, 0)->integer;
    TRY(demo_tell(seal_order_put(t, &agent, settings, &order, &faults, &id, error), &faults, "seal", error));
    TRY(seal_order_see(t, &agent, settings, id, clock_now(), &order, error));
    for (unsigned i = 0; i < 2; i++) TRY(sign(s, order.text, i, &approvals[i], error));
    TRY(central_enrol(t, &itself, s->keeper.person, approvals, 2, &s->enrolment, error));
    const struct store_value values[] = {store_integer(id), store_integer(s->enrolment), store_integer(clock_now()),
                                         store_integer(agent.person), store_bytes(approvals[0])};
    return store_run(t, "UPDATE seal_order SET enrolment = $2, concluded = $3, agent = $4, signed = $5 WHERE id = $1",
                     values, sizeof values / sizeof *values, NULL, error);
}

/* ---- The portal ---- */

static rfd_status put_portal(struct transaction *t, struct sealing *s, struct rfd_error *error)
{
    static const char nobodys[] = "0000000000000000000000000000000000000000000000000000000000000000";
    const struct actor itself = actor_system("demo");
    struct faults faults = {.count = 0};
    struct store_rows rows;
    TRY(store_run(t, "SELECT id FROM entity ORDER BY id LIMIT 1", NULL, 0, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no entity");
    const struct portal portal = {.entity = store_cell(&rows, 0, 0)->integer,
                                  .name = SLICE("Sede electrónica de Valdehierro (inventada)"),
                                  .client = SLICE(DEMO_PORTAL),
                                  .secret_hash = slice_text(nobodys), /* until it gets its own below */
                                  .returns = {SLICE(DEMO_RETURN)},
                                  .return_count = 1,
                                  .webhook = SLICE(DEMO_WEBHOOK)};
    TRY(demo_tell(portal_put(t, &itself, &portal, &faults, &s->portal, error), &faults, DEMO_PORTAL, error));
    return portal_make_secret(t, &itself, s->portal, s->made.secret, error);
}

static rfd_status find_portal(struct transaction *t, struct sealing *s, struct rfd_error *error)
{
    struct portal portal;
    TRY(portal_by_client(t, SLICE(DEMO_PORTAL), &portal, error));
    s->portal = portal.id;
    return RFD_OK;
}

static rfd_status prepare(struct transaction *t, void *context, struct rfd_error *error)
{
    struct sealing *s = context;
    TRY(find_actor(t, DEMO_SEAL_PERSON, &s->a, &s->keeper, error));
    TRY(s->options->code ? find_portal(t, s, error) : put_portal(t, s, error));
    return approve(t, s, error);
}

/* ---- Who answers for it ---- */

static rfd_status read_code(struct message_reader *f, const uint8_t *operation, char code[16], struct rfd_error *error)
{
    uint32_t count = message_get_u32(f);
    for (uint32_t i = 0; i < count && !f->failed; i++) {
        slice id = message_get_bytes(f, PERSONAL_OPERATION_SIZE);
        (void)message_get_u8(f);
        (void)message_get_u8(f);
        for (unsigned k = 0; k < TEXTS; k++) (void)message_get_text(f, PERSONAL_TEXT_MAXIMUM);
        (void)message_get_u32(f);
        slice text = message_get_text(f, 15);
        (void)message_get_i64(f);
        if (id.length != PERSONAL_OPERATION_SIZE || memcmp(id.data, operation, id.length) != 0) continue;
        memcpy(code, text.data, text.length);
        code[text.length] = '\0';
    }
    return message_end(f, "codes", error);
}

/** The code that would have been sent. */
static rfd_status take_code(const struct sealing *s, const uint8_t *operation, char code[16], struct rfd_error *error)
{
    struct keeper_reply reply = {.fields = message_read(SLICE_EMPTY)};
    code[0] = '\0';
    rfd_status status =
        keeper_client_ask(s->options->worker, PERSONAL_TAKE_CODES, SLICE_EMPTY, -1, MILLISECONDS, &reply, error);
    if (status == RFD_OK) status = read_code(&reply.fields, operation, code, error);
    keeper_reply_dispose(&reply);
    return status;
}

/** As the browser does it. */
static rfd_status prove(const struct sealing *s, const struct central_authorisation *begun, struct buf *sealed,
                        uint8_t encapsulated[HPKE_POINT_SIZE], struct rfd_error *error)
{
    struct operation_document none;
    struct operation_text text;
    struct buf info, plain;
    char code[16];
    rfd_status status = RFD_OK;
    buf_init(&info, INFO_MAXIMUM);
    buf_init_secret(&plain, PROOF_MAXIMUM);
    TRY_OUT(take_code(s, begun->operation, code, error));
    TRY_OUT(operation_read(begun->text, &none, 1, &text, error));
    TRY_OUT(personal_activation_info(begun->text, &text, begun->nonce, &info, error));
    if (begun->point.length < HPKE_POINT_SIZE) TRY_OUT(error_set(error, RFD_E_PROTOCOL, "the keeper's key"));
    buf_print(&plain, "{\"newPassword\":\"" DEMO_SEAL_PIN "\",\"code\":\"%s\"}", code);
    status = hpke_seal(slice_from(begun->point, begun->point.length - HPKE_POINT_SIZE), buf_slice(&info), SLICE_EMPTY,
                       buf_slice(&plain), encapsulated, sealed, error);
out:
    buf_dispose(&info);
    buf_dispose(&plain);
    return status;
}

static rfd_status make(struct sealing *s, struct rfd_error *error)
{
    const struct central *c = s->options->central;
    struct central_authorisation begun;
    uint8_t encapsulated[HPKE_POINT_SIZE];
    struct buf sealed;
    buf_init(&sealed, PROOF_MAXIMUM);
    rfd_status status = central_generate_seal_begin(c, &s->keeper, &s->a, s->enrolment, SLICE("es"), &begun, error);
    if (status == RFD_OK) status = prove(s, &begun, &sealed, encapsulated, error);
    const struct central_proofs proofs = {slice_of(encapsulated, sizeof encapsulated), buf_slice(&sealed)};
    if (status == RFD_OK)
        status = central_generate(c, &s->keeper, &s->a, begun.operation, &proofs, s->made.credential, error);
    buf_dispose(&sealed);
    return status;
}

static rfd_status grant(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct sealing *s = context;
    const struct actor itself = actor_system("demo");
    struct faults faults = {.count = 0};
    const struct seal_grant wanted = {
        .portal = s->portal, .credential = slice_text(s->made.credential), .daily = DAILY, .ends = RFD_TIME_NONE};
    int64_t id = 0;
    return demo_tell(seal_grant_put(t, &itself, &wanted, &faults, &id, error), &faults, "grant", error);
}

rfd_status demo_seal(const struct demo_seal_options *options, struct demo_seal *out, struct rfd_error *error)
{
    struct sealing s = {.options = options};
    arena_init(&s.a, MEMORY);
    rfd_status status = store_write(options->central->store, prepare, &s, error);
    if (status == RFD_OK) status = make(&s, error);
    if (status == RFD_OK) status = store_write(options->central->store, grant, &s, error);
    if (status == RFD_OK) *out = s.made;
    arena_dispose(&s.a);
    return status;
}
