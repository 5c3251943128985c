/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "citizen.h"

#include "account_world.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "base/url.h"
#include "web/central/central_pages.h"

#include <stdio.h>

#define COOKIE "__Host-refrenda"

void house_open(void **state, struct house *h)
{
    struct settings *s;
    *h = (struct house){.office = NULL};
    h->office = central_open(state, &h->central);
    h->web = web_world_open(state, false);
    s = &h->web->settings;
    s->requests.tsa_url = s->status.url = s->status.tsa_key = "";
    s->keys.seal_key = "seal";
    s->central.operation_hours = 24;
    s->central.wrong_passwords = 5;
    h->web->web->options.keeper = h->office->domain->keeper;
    h->web->web->options.personal = h->central.personal;
    blob_store_close(h->web->web->blobs); /* those of the world are shown */
    h->web->web->blobs = h->central.blobs;
}

void house_close(struct house *h)
{
    h->web->web->blobs = NULL; /* it is the world's */
    web_world_close(h->web);
}

/* ---- Somebody ---- */

static rfd_status put_session(struct transaction *t, void *context, struct rfd_error *error)
{
    struct citizen *c = context;
    struct session session;
    char token[ACCOUNT_TOKEN_SIZE];
    TRY(session_new(t, &account_world_settings, SLICE("192.0.2.1"), SLICE("test"), token, &session, error));
    const struct store_value values[] = {store_integer(session.id), store_integer(c->person),
                                         store_integer(METHOD_PASSWORD), store_integer(clock_now())};
    (void)snprintf(c->cookie, sizeof c->cookie, COOKIE "=%s", token);
    return store_run(t,
                     "UPDATE session SET account = (SELECT id FROM account WHERE person = $2), methods = $3, signed_in "
                     "= $4 WHERE id = $1",
                     values, 4, NULL, error);
}

struct citizen citizen_sign_in(struct house *h, int64_t person)
{
    struct citizen c = {.house = h, .person = person};
    struct exchange_of_test x;
    assert_int_equal(store_write(h->office->store, put_session, &c, NULL), RFD_OK);
    assert_int_equal(web_get(h->web, &x, "/cuenta", c.cookie), 200);
    (void)snprintf(c.csrf, sizeof c.csrf, "%s", web_token(&x));
    web_forget(&x);
    return c;
}

int citizen_get(const struct citizen *c, struct exchange_of_test *x, const char *format, ...)
{
    char path[512];
    va_list more;
    va_start(more, format);
    (void)vsnprintf(path, sizeof path, format, more);
    va_end(more);
    return web_get(c->house->web, x, path, c->cookie);
}

int citizen_look(const struct citizen *c, const char *path, const char *text, bool *found)
{
    struct exchange_of_test x;
    int status = citizen_get(c, &x, "%s", path);
    if (found != NULL) *found = web_says(&x, text);
    web_forget(&x);
    return status;
}

bool citizen_says(const struct citizen *c, const char *path, const char *text)
{
    bool found = false;
    assert_int_equal(citizen_look(c, path, text, &found), 200);
    return found;
}

int citizen_post(const struct citizen *c, struct exchange_of_test *x, const char *path, const char *accept,
                 const char *fields)
{
    web_request(x, HTTP_POST, path);
    web_header(x, "Accept", accept);
    web_header(x, "Cookie", c->cookie);
    web_form(x, arena_print(&x->arena, "csrf=%s&%s", c->csrf, fields));
    return web_send(c->house->web, x);
}

int citizen_do_post(const struct citizen *c, const char *path, const char *fields)
{
    struct exchange_of_test x;
    int status = citizen_post(c, &x, path, "text/html", fields);
    web_forget(&x);
    return status;
}

/* ---- The browser's script ---- */

/** The value of an attribute, which is plain text. */
slice page_attribute(const struct exchange_of_test *x, const char *name)
{
    char begin[64];
    slice body = x->response.body;
    (void)snprintf(begin, sizeof begin, " %s=\"", name);
    const uint8_t *at = memmem(body.data, body.length, begin, strlen(begin));
    if (at == NULL) fail_msg("there is no %s", name);
    at += strlen(begin);
    const uint8_t *end = memchr(at, '"', (size_t)(body.data + body.length - at));
    assert_non_null(end);
    return slice_of(at, (size_t)(end - at));
}

void activation_take(const struct exchange_of_test *x, struct activation *a)
{
    *a = (struct activation){.begun = {.ends = 0}};
    arena_init(&a->memory, 1 << 20);
    slice body = x->response.body;
    const uint8_t *form = memmem(body.data, body.length, "data-module=\"activation\"", 24);
    assert_non_null(form);
    assert_true(number_hex(page_attribute(x, "data-operation"), a->begun.operation));
    slice nonce = url_read_base64(page_attribute(x, "data-nonce"), &a->memory);
    assert_int_equal(nonce.length, sizeof a->begun.nonce);
    memcpy(a->begun.nonce, nonce.data, nonce.length);
    a->begun.text = url_read_base64(page_attribute(x, "data-text"), &a->memory);
    a->begun.point = url_read_base64(page_attribute(x, "data-point"), &a->memory);
    while (memcmp(form, "action=\"", 8) != 0) form--;
    const uint8_t *end = memchr(form + 8, '"', 256);
    (void)snprintf(a->address, sizeof a->address, "%.*s", (int)(end - form - 8), (const char *)form + 8);
}

/** As activation.js sends it; the answer's JSON is in `x`. */
int citizen_activate(const struct citizen *c, struct activation *a, struct exchange_of_test *x, const char *password,
                     const char *code)
{
    struct central_proofs proofs = central_prove(&a->begun, password, code);
    struct buf b;
    char digits[2 * PERSONAL_OPERATION_SIZE + 1] = "";
    number_to_hex(slice_of(a->begun.operation, PERSONAL_OPERATION_SIZE), false, (uint8_t *)digits);
    buf_init(&b, 8192);
    buf_print(&b, "operation=%s&encapsulated=", digits);
    url_put_base64(&b, proofs.encapsulated);
    buf_put_text(&b, "&sealed=");
    url_put_base64(&b, proofs.sealed);
    buf_put_byte(&b, '\0');
    int status = citizen_post(c, x, a->address, "application/json", (const char *)b.data);
    buf_dispose(&b);
    return status;
}

int citizen_try(const struct citizen *c, struct activation *a, const char *password, const char *code, const char *told)
{
    struct exchange_of_test x;
    int status = citizen_activate(c, a, &x, password, code);
    if (told != NULL && !web_says(&x, told))
        fail_msg("%d %.*s", status, (int)x.response.body.length, (const char *)x.response.body.data);
    web_forget(&x);
    return status;
}

/** The worker is given each code once: the same one is asked for again. */
void citizen_send_again(const struct citizen *c, const struct activation *a)
{
    struct exchange_of_test x;
    char path[128], digits[2 * PERSONAL_OPERATION_SIZE + 1] = "";
    number_to_hex(slice_of(a->begun.operation, PERSONAL_OPERATION_SIZE), false, (uint8_t *)digits);
    (void)snprintf(path, sizeof path, CENTRAL "/operacion/%s", digits);
    assert_int_equal(citizen_post(c, &x, path, "application/json", ""), 200);
    web_forget(&x);
}

/** What a page says is wrong; "". */
const char *page_told(struct exchange_of_test *x)
{
    const char *body = arena_text(&x->arena, x->response.body);
    const char *at = body == NULL ? NULL : strstr(body, "class=\"errors\"");
    return at == NULL ? "" : strstr(at, "<div>");
}

/** Posts a form whose answer asks for password and code. */
void citizen_begin(const struct citizen *c, const char *path, const char *fields, struct activation *a)
{
    struct exchange_of_test x;
    int status = citizen_post(c, &x, path, "text/html", fields);
    if (status != 200) fail_msg("%s: %d %.200s", path, status, page_told(&x));
    activation_take(&x, a);
    assert_false(web_says(&x, "name=\"password\""));
    web_forget(&x);
}

/** A certificate made by the pages alone; its credential. */
void citizen_certificate(const struct citizen *c, char credential[PERSONAL_ID_SIZE])
{
    struct activation a;
    struct exchange_of_test x;
    (void)central_approved(c->house->office, c->person);
    citizen_begin(c, CENTRAL "/nuevo", "acepto=1", &a);
    assert_int_equal(citizen_activate(c, &a, &x, CENTRAL_PASSWORD, NULL), 200);
    const char *body = arena_text(&x.arena, x.response.body);
    assert_int_equal(sscanf(body, "{\"next\":\"" CENTRAL "/%32[0-9a-f]\"}", credential), 1);
    web_forget(&x);
    arena_dispose(&a.memory);
}
