/* SPDX-License-Identifier: EUPL-1.2
 *
 * A portal is entered, or changed.
 */
#include "base/error.h"
#include "base/line.h"
#include "base/number.h"
#include "base/secret.h"
#include "domain/account/token.h"
#include "domain/organisation/organisation.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/pem.h"
#include "web/portals/portal_pages.h"

enum { KEY_MAXIMUM = 8192, SECRET_SIZE = 44, HASH_DIGITS = 64, QUOTA_DIGITS = 9 };

static const struct form_field fields[] = {
    {.name = "entity", .label = N_("Entity"), .kind = FORM_CHOICE, .required = true, .group = "who"},
    {.name = "name",
     .label = N_("Name"),
     .hint = N_("As people know the portal: they read it when they sign, and in the message with their code"),
     .required = true,
     .maximum = PORTAL_NAME_MAXIMUM,
     .group = "who"},
    {.name = "client",
     .label = N_("Identifier"),
     .hint = N_("The portal's client_id: letters, digits, dots and dashes"),
     .required = true,
     .maximum = 64,
     .group = "who"},
    {.name = "returns",
     .label = N_("Addresses that people come back to"),
     .hint = N_("One on each line, at most 16, compared letter by letter"),
     .kind = FORM_LONG_TEXT,
     .maximum = PORTAL_ADDRESSES * (PORTAL_ADDRESS_MAXIMUM + 2), /* and the ends of the lines */
     .group = "ways"},
    {.name = "webhook",
     .label = N_("Address for notices"),
     .hint = N_("Told when an operation has come to its end (webhook)"),
     .maximum = PORTAL_ADDRESS_MAXIMUM,
     .group = "ways"},
    {.name = "quota",
     .label = N_("Operations a day, at most"),
     .hint = N_("0: no limit"),
     .kind = FORM_NUMBER,
     .maximum = QUOTA_DIGITS,
     .group = "ways"},
    {.name = "key",
     .label = N_("Public key"),
     .hint =
         N_("In PEM, begins with -----BEGIN PUBLIC KEY-----; signs what the portal wants signed, and says who it is"),
     .kind = FORM_LONG_TEXT,
     .conditional = true,
     .group = "proof"},
    {.name = "key_file",
     .label = N_("Or a file with it"),
     .kind = FORM_FILE,
     .maximum = KEY_MAXIMUM,
     .conditional = true,
     .group = "proof"},
    {.name = "certificate",
     .label = N_("SHA-256 of its TLS certificate"),
     .hint = N_("64 hexadecimal digits, for programs that connect with a certificate"),
     .maximum = 200,
     .conditional = true,
     .group = "proof"},
    {.name = "certificate_file",
     .label = N_("Or the certificate itself"),
     .hint = N_("PEM or DER"),
     .kind = FORM_FILE,
     .maximum = KEY_MAXIMUM,
     .conditional = true,
     .group = "proof"},
    {.name = "renew",
     .label = N_("Make a new secret"),
     .hint = N_("It is shown once; if there was one before, that is not taken any more"),
     .kind = FORM_TICK,
     .group = "proof"},
    {.name = "drop",
     .label = N_("Without a secret from now on"),
     .hint = N_("For portals with a key or certificate: the one it has is not taken any more"),
     .kind = FORM_TICK,
     .group = "proof"},
};
enum { FIELDS = sizeof fields / sizeof *fields };

/* ---- Choices ---- */

struct choosing {
    struct page *page;
    struct form_choice *choices;
    size_t count;
};

static rfd_status find_entities(struct transaction *t, void *context, struct rfd_error *error)
{
    struct choosing *c = context;
    struct entity *found;
    TRY(entity_choices(t, &c->page->actor, ACTION_CENTRAL_PORTALS, &found, &c->count, error));
    c->choices = arena_zeroed(c->page->arena, c->count + 1, sizeof *c->choices);
    if (c->choices == NULL) return arena_failed(c->page->arena, error);
    for (size_t i = 0; i < c->count; i++) {
        const char *id = arena_print(c->page->arena, "%lld", (long long)found[i].id);
        c->choices[i] = (struct form_choice){slice_text(id == NULL ? "" : id), page_keep(c->page, found[i].name)};
    }
    return RFD_OK;
}

static rfd_status put_choices(struct page *page, struct form *form, bool sent, struct rfd_error *error)
{
    struct choosing c = {.page = page};
    TRY(page_read(page, find_entities, &c, error));
    form_choices(form, "entity", c.choices, c.count, sent);
    if (!sent && c.count == 1) form_set(form, "entity", c.choices[0].value);
    return RFD_OK;
}

static rfd_status show_form(struct page *page, struct form *form, bool is_new, struct rfd_error *error)
{
    form->count = is_new ? FIELDS - 1 : FIELDS; /* the last one is for those that are there already */
    form_show(page, form);
    view_flag(page->view, "is_new", is_new);
    slice id = http_request_part(page->request, "id");
    view_string(page->view, "self",
                arena_print(page->arena, PORTALS "%s%.*s", is_new ? "" : "/", (int)id.length, (const char *)id.data));
    if (form->wrong) page->response->status = 422;
    return page_show(page, is_new ? N_("New portal") : N_("Change a portal"), "portals/form", error);
}

rfd_status portal_new(struct page *page, struct rfd_error *error)
{
    struct form form;
    form_new(&form, fields, FIELDS);
    form_set(&form, "quota", SLICE("0"));
    form_tick(&form, "renew", true);
    TRY(put_choices(page, &form, false, error));
    return show_form(page, &form, true, error);
}

/* ---- What is known ---- */

static slice key_text(const struct page *page, slice key)
{
    struct buf pem;
    if (key.length == 0) return SLICE_EMPTY;
    buf_init(&pem, KEY_MAXIMUM);
    pem_put(&pem, "PUBLIC KEY", key);
    slice text = buf_status(&pem) == RFD_OK ? page_keep(page, buf_slice(&pem)) : SLICE_EMPTY;
    buf_dispose(&pem);
    return text;
}

static slice returns_text(const struct page *page, const struct portal *p)
{
    const char *text = "";
    for (size_t i = 0; i < p->return_count && text != NULL; i++)
        text = arena_print(page->arena, "%s%.*s\n", text, (int)p->returns[i].length, (const char *)p->returns[i].data);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

static void fill(const struct page *page, const struct portal *p, struct form *form)
{
    const char *entity = arena_print(page->arena, "%lld", (long long)p->entity);
    const char *quota = arena_print(page->arena, "%lld", (long long)p->quota);
    form_set(form, "entity", slice_text(entity == NULL ? "" : entity));
    form_set(form, "name", p->name);
    form_set(form, "client", p->client);
    form_set(form, "returns", returns_text(page, p));
    form_set(form, "webhook", p->webhook);
    form_set(form, "quota", slice_text(quota == NULL ? "" : quota));
    form_set(form, "key", key_text(page, p->key));
    form_set(form, "certificate", p->certificate_hash);
}

rfd_status portal_edit(struct page *page, struct rfd_error *error)
{
    struct portal_page p;
    struct form form;
    TRY(portal_page_open(page, &p, error));
    if (p.portal.closed) return page_redirect(page, NULL, error, PORTALS "/%lld", (long long)p.id);
    form_new(&form, fields, FIELDS);
    fill(page, &p.portal, &form);
    TRY(put_choices(page, &form, false, error));
    return show_form(page, &form, false, error);
}

/* ---- What was sent ---- */

struct saving {
    struct page *page;
    struct portal portal;
    struct faults faults;
    int64_t id;
    bool renew;
    char secret[SECRET_SIZE];
    char digits[HASH_DIGITS + 1];
};

/** The first block of PEM, or what was given; empty for what is neither. In the arena. */
static slice read_object(const struct page *page, slice given)
{
    struct pem_block block;
    struct buf b;
    slice text = given, copy = SLICE_EMPTY;
    buf_init(&b, KEY_MAXIMUM);
    if (!pem_next(&text, &block))
        buf_put_slice(&b, given);
    else if (pem_decode(&block, &b, NULL) != RFD_OK)
        buf_reset(&b);
    if (buf_status(&b) == RFD_OK && b.length > 0) copy = page_keep(page, buf_slice(&b));
    buf_dispose(&b);
    return copy;
}

static void take_key(struct saving *s, struct form *form)
{
    const struct http_part *file = form_value(form, "key_file")->file;
    slice given = file != NULL ? file->body : form_text(form, "key");
    if (given.length == 0) return;
    s->portal.key = read_object(s->page, given);
    if (s->portal.key.length == 0) form_fail(form, "key", N_("This is no public key in PEM"));
}

/** Colons and blanks, as other programs write fingerprints, are no matter. */
static slice plain_digits(const struct page *page, slice text)
{
    uint8_t *digits = arena_allocate(page->arena, text.length + 1);
    size_t length = 0;
    if (digits == NULL) return SLICE_EMPTY;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        if (c != ':' && c != ' ') digits[length++] = c >= 'A' && c <= 'F' ? (uint8_t)(c | 0x20) : c;
    }
    return slice_of(digits, length);
}

static void take_certificate(struct saving *s, struct form *form)
{
    const struct http_part *file = form_value(form, "certificate_file")->file;
    const struct certificate *certificate = NULL;
    if (file == NULL) {
        s->portal.certificate_hash = plain_digits(s->page, form_text(form, "certificate"));
        return;
    }
    slice der = read_object(s->page, file->body);
    if (der.length == 0 || certificate_parse(der, &certificate, NULL) != RFD_OK) {
        form_fail(form, "certificate_file", N_("This is no certificate"));
        return;
    }
    number_to_hex(slice_of(certificate->fingerprint, HASH_DIGITS / 2), false, (uint8_t *)s->digits);
    s->portal.certificate_hash = slice_of((const uint8_t *)s->digits, HASH_DIGITS);
    certificate_unref(certificate);
}

static void take_returns(struct saving *s, slice text)
{
    while (text.length > 0) {
        slice line = http_trim(line_next(&text));
        if (line.length == 0) continue;
        if (s->portal.return_count < PORTAL_ADDRESSES) s->portal.returns[s->portal.return_count] = line;
        s->portal.return_count++;
    }
}

static void take_all(struct saving *s, struct form *form)
{
    s->portal.entity = page_number(form_text(form, "entity"));
    s->portal.name = form_text(form, "name");
    s->portal.client = form_text(form, "client");
    s->portal.webhook = form_text(form, "webhook");
    s->portal.quota = form_value(form, "quota")->number;
    s->renew = form_value(form, "renew")->ticked;
    take_returns(s, form_text(form, "returns"));
    take_key(s, form);
    take_certificate(s, form);
}

/** What nobody knows, until a real one is made in the same transaction. */
static rfd_status take_secret(struct saving *s, bool drop, struct rfd_error *error)
{
    char token[TOKEN_TEXT_SIZE];
    uint8_t hash[TOKEN_HASH_SIZE];
    if (s->renew) {
        TRY(token_make(token, hash, error));
        uint8_t *digits = arena_allocate(s->page->arena, HASH_DIGITS + 1);
        if (digits == NULL) return arena_failed(s->page->arena, error);
        number_to_hex(slice_of(hash, sizeof hash), false, digits);
        s->portal.secret_hash = slice_of(digits, HASH_DIGITS);
        secret_wipe(token, sizeof token);
    }
    s->portal.secret_stays = s->portal.id != 0 && !s->renew && !drop;
    return RFD_OK;
}

static rfd_status save(struct transaction *t, void *context, struct rfd_error *error)
{
    struct saving *s = context;
    s->faults.count = 0;
    TRY(portal_put(t, &s->page->actor, &s->portal, &s->faults, &s->id, error));
    return s->renew ? portal_make_secret(t, &s->page->actor, s->id, s->secret, error) : RFD_OK;
}

/** The secret is shown on the answer itself, once: it is nowhere that a page could be opened again. */
static rfd_status show_secret(struct page *page, struct saving *s, struct rfd_error *error)
{
    slice secret = page_keep(page, slice_text(s->secret));
    const char *link = arena_print(page->arena, PORTALS "/%lld", (long long)s->id);
    secret_wipe(s->secret, sizeof s->secret);
    if (secret.length == 0 || link == NULL) return arena_failed(page->arena, error);
    view_text(page->view, "client", s->portal.client);
    view_text(page->view, "secret", secret);
    view_string(page->view, "link", link);
    return page_show(page, N_("The portal's secret"), "portals/secret", error);
}

rfd_status portal_save(struct page *page, struct rfd_error *error)
{
    struct saving *s = arena_zeroed(page->arena, 1, sizeof *s);
    struct form form;
    struct portal_page old;
    bool is_new = http_field_count(&page->request->parts, "id") == 0;
    if (s == NULL) return arena_failed(page->arena, error);
    s->page = page;
    if (!is_new) TRY(portal_page_open(page, &old, error));
    s->portal.id = is_new ? 0 : old.id;
    TRY(form_read(page, fields, FIELDS, &form, error));
    TRY(put_choices(page, &form, true, error));
    take_all(s, &form);
    TRY(take_secret(s, form_value(&form, "drop")->ticked, error));
    if (form.wrong) return show_form(page, &form, is_new, error);
    rfd_status status = page_write(page, save, s, error);
    if (status == RFD_E_INVALID) {
        error_clear(error);
        form_faults(&form, &s->faults);
        return show_form(page, &form, is_new, error);
    }
    TRY(status);
    if (s->secret[0] != '\0') return show_secret(page, s, error);
    return page_redirect(page, N_("Saved"), error, PORTALS "/%lld", (long long)s->id);
}
