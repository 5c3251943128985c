/* SPDX-License-Identifier: EUPL-1.2
 *
 * What portals ask for with oauth2/authorize and pushed_authorize: parameter by parameter, in the order of the table;
 * the first that is wrong is told. Accepted leniently are hashes: base64 or base64url, one text with commas, several
 * parameters, or a JSON array.
 *
 * `account_token` and `clientData` are taken and not looked at: who the person is, they show here by signing in.
 */
#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "base/url.h"
#include "web/csc/api.h"

enum {
    CHALLENGE_LENGTH = 43,
    STATE_MAXIMUM = 2048,
    LANGUAGE_MAXIMUM = 35, /* RFC 5646 §4.4.1 */
    CREDENTIAL_DIGITS = PERSONAL_ID_SIZE - 1,
    LABELS_MAXIMUM = 20 << 10, /* of all documents together: so that an operation's text has room */
    NAMED_SIZE = 24,           /* of what a document is called that has no label: "Documento 200" */
    DETAILS_MAXIMUM = 40 << 10
};

/** One reading. */
struct reading {
    struct page *page;
    struct csc_asked *asked;
    struct csc_request *r;
    size_t labels; /* octets */
};

static slice get(const struct reading *g, const char *name)
{
    slice value = http_field_get(g->asked->fields, name, 0);
    return value.data == NULL ? SLICE_EMPTY : value;
}

/** Nothing, when it is refused: to be told. */
static void refuse(struct reading *g, enum csc_oauth_refusal refusal)
{
    g->asked->refused = csc_oauth_rows[refusal].error;
    g->asked->why = csc_oauth_rows[refusal].description;
}

/* ---- What all requests have ---- */

/** RFC 6749 §3.1: no parameter may be there twice, but for lists. */
static void check_twice(struct reading *g)
{
    const struct http_fields *f = g->asked->fields;
    for (size_t i = 0; i < f->count && g->asked->refused == NULL; i++) {
        slice name = f->items[i].name;
        if (slice_is(name, "hash") || slice_is(name, "hashes")) continue;
        for (size_t k = 0; k < i; k++)
            if (slice_equal(f->items[k].name, name)) refuse(g, CSC_OAUTH_TWICE);
    }
}

static void read_type(struct reading *g)
{
    slice type = get(g, "response_type");
    if (type.length == 0)
        refuse(g, CSC_OAUTH_TYPE_MISSING);
    else if (!slice_is(type, "code"))
        refuse(g, CSC_OAUTH_TYPE);
}

static void read_state(struct reading *g)
{
    slice state = get(g, "state");
    bool zero = state.length > 0 && memchr(state.data, 0, state.length) != NULL;
    if (state.length > STATE_MAXIMUM || !text_is_utf8(state) || zero)
        refuse(g, CSC_OAUTH_STATE);
    else
        g->r->state = state;
}

/** With authorization_details, a scope need not be said (RFC 9396 §2). */
static void read_scope(struct reading *g)
{
    slice scope = get(g, "scope");
    bool details = g->asked->version == 2 && get(g, "authorization_details").length > 0;
    if (details || slice_is(scope, "credential"))
        g->r->credential_scope = true;
    else if (scope.length > 0 && !slice_is(scope, "service"))
        refuse(g, CSC_OAUTH_SCOPE);
}

/** RFC 7636 §4.2, S256 alone (RFC 9700 §2.1.1). Version 1 of the CSC API knows nothing of it. */
static void read_challenge(struct reading *g)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    slice challenge = get(g, "code_challenge"), method = get(g, "code_challenge_method");
    if (challenge.length == 0) {
        if (g->asked->version == 2) refuse(g, CSC_OAUTH_CHALLENGE_MISSING);
        return;
    }
    if (!slice_is(method, "S256")) {
        refuse(g, CSC_OAUTH_CHALLENGE_METHOD);
        return;
    }
    bool good = challenge.length == CHALLENGE_LENGTH;
    for (size_t i = 0; i < challenge.length && good; i++)
        good = memchr(alphabet, challenge.data[i], sizeof alphabet - 1) != NULL;
    if (good)
        g->r->challenge = challenge;
    else
        refuse(g, CSC_OAUTH_CHALLENGE);
}

static void read_language(struct reading *g)
{
    slice language = get(g, "lang");
    if (language.length > LANGUAGE_MAXIMUM || !text_is_printable(language))
        refuse(g, CSC_OAUTH_LANGUAGE);
    else
        g->r->language = language;
}

static void read_description(struct reading *g)
{
    slice description = get(g, "description");
    if (text_characters(description) > CSC_DESCRIPTION_MAXIMUM || !text_is_printable(description))
        refuse(g, CSC_OAUTH_DESCRIPTION);
    else
        g->r->description = description;
}

/** What the portal itself signed: compact JWS, which the personal keeper reads. */
static void read_statement(struct reading *g)
{
    slice statement = get(g, "statement");
    if (statement.length > CSC_STATEMENT_MAXIMUM || !text_is_printable(statement))
        refuse(g, CSC_OAUTH_STATEMENT);
    else
        g->r->statement = statement;
}

/* ---- Signatures: which, how many ---- */

static void read_credential(struct reading *g, slice id)
{
    bool good = id.length == 0 || id.length == CREDENTIAL_DIGITS;
    for (size_t i = 0; i < id.length && good; i++)
        good = number_hex_digit(id.data[i]) >= 0 && !(id.data[i] >= 'A' && id.data[i] <= 'F');
    if (good)
        g->r->credential = id;
    else
        refuse(g, CSC_OAUTH_CREDENTIAL);
}

/** Both alphabets; blanks are what forms make of "+". Data NULL: it is none. */
static slice decode(const struct reading *g, slice text)
{
    while (text.length > 0 && text.data[text.length - 1] == '=') text.length--;
    uint8_t *plain = text.length == 0 ? NULL : arena_allocate(g->page->arena, text.length);
    if (plain == NULL) return SLICE_EMPTY;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        plain[i] = c == '+' || c == ' ' ? '-' : c == '/' ? '_' : c;
    }
    return url_read_base64(slice_of(plain, text.length), g->page->arena);
}

static bool is_label(slice label)
{
    return label.length <= CSC_LABEL_MAXIMUM && text_is_printable(label) &&
           (label.length == 0 || (label.data[0] != ' ' && label.data[label.length - 1] != ' '));
}

static void add_hash(struct reading *g, slice text, slice label)
{
    struct csc_request *r = g->r;
    slice hash = decode(g, text);
    g->labels += label.length == 0 ? NAMED_SIZE : label.length;
    if (hash.data == NULL) {
        refuse(g, CSC_OAUTH_HASH_BASE64);
    } else if (r->count == CSC_HASHES) {
        refuse(g, CSC_OAUTH_COUNT_HIGH);
    } else if (!is_label(label) || g->labels > LABELS_MAXIMUM) {
        refuse(g, CSC_OAUTH_DETAILS_LABEL);
    } else {
        for (size_t i = 0; i < r->count; i++)
            if (slice_equal(r->hashes[i].hash, hash)) refuse(g, CSC_OAUTH_HASH_TWICE);
        if (g->asked->refused == NULL) r->hashes[r->count++] = (struct csc_hash){hash, label};
    }
}

static void add_list(struct reading *g, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list) && g->asked->refused == NULL; i++)
        add_hash(g, page_keep(g->page, csc_json_text(json_array_get(list, i))), SLICE_EMPTY);
}

static void add_text(struct reading *g, slice text)
{
    if (text.length > 0 && text.data[0] == '[') {
        json_t *list = json_loadb((const char *)text.data, text.length, JSON_REJECT_DUPLICATES, NULL);
        if (!json_is_array(list)) refuse(g, CSC_OAUTH_HASH_BASE64);
        add_list(g, list);
        json_decref(list);
        return;
    }
    while (text.length > 0 && g->asked->refused == NULL) add_hash(g, http_cut(&text, ','), SLICE_EMPTY);
}

/** `hash` is version 1's name, `hashes` version 2's; either is taken. */
static void read_hashes(struct reading *g)
{
    static const char *const names[] = {"hash", "hashes"};
    const struct http_fields *f = g->asked->fields;
    size_t given = 0;
    for (size_t i = 0; i < 2; i++) {
        size_t count = http_field_count(f, names[i]);
        given += count;
        for (size_t k = 0; k < count && g->asked->refused == NULL; k++) add_text(g, http_field_get(f, names[i], k));
    }
    if (g->asked->refused != NULL) return;
    if (given == 0)
        refuse(g, g->asked->version == 1 ? CSC_OAUTH_HASH_MISSING : CSC_OAUTH_HASHES_MISSING);
    else if (g->r->count == 0)
        refuse(g, CSC_OAUTH_HASH_EMPTY);
}

/** As its OID says, or else as long as they are. */
static void read_digest(struct reading *g, slice oid)
{
    struct csc_request *r = g->r;
    r->digest = oid.length > 0 ? csc_digest(oid) : csc_digest_of_length(r->hashes[0].hash.length);
    if (r->digest == DIGEST_NONE) {
        refuse(g, oid.length > 0 ? CSC_OAUTH_DIGEST : CSC_OAUTH_HASH_LENGTH);
        return;
    }
    for (size_t i = 0; i < r->count; i++)
        if (r->hashes[i].hash.length != digest_size(r->digest)) refuse(g, CSC_OAUTH_HASH_LENGTH);
}

static void read_number(struct reading *g)
{
    uint64_t number = 0;
    slice text = get(g, "numSignatures");
    if (!number_unsigned(text, UINT32_MAX, &number))
        refuse(g, CSC_OAUTH_COUNT_MISSING);
    else if (number == 0)
        refuse(g, CSC_OAUTH_COUNT);
    else if (number > CSC_HASHES)
        refuse(g, CSC_OAUTH_COUNT_HIGH);
    else if (number < g->r->count)
        refuse(g, CSC_OAUTH_COUNT);
}

/* ---- authorization_details (RFC 9396) ---- */

static void add_documents(struct reading *g, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list) && g->asked->refused == NULL; i++) {
        const json_t *one = json_array_get(list, i);
        slice hash = csc_json_text(json_object_get(one, "hash"));
        slice label = csc_json_text(json_object_get(one, "label"));
        add_hash(g, page_keep(g->page, hash), page_keep(g->page, label));
    }
    if (g->asked->refused == NULL && g->r->count == 0) refuse(g, CSC_OAUTH_DETAILS_DOCUMENTS);
}

static bool is_text(const json_t *value)
{
    return json_is_string(value);
}

static bool are_texts(const json_t *value)
{
    bool good = json_is_array(value);
    for (size_t i = 0; i < json_array_size(value); i++) good = good && json_is_string(json_array_get(value, i));
    return good;
}

/** Objects with `hash` and `label` alone; none at all is told in other words. */
static bool are_digests(const json_t *value)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *one = json_array_get(value, i), *hash = json_object_get(one, "hash");
        const json_t *label = json_object_get(one, "label");
        size_t known = (hash != NULL ? 1U : 0U) + (label != NULL ? 1U : 0U);
        if (!json_is_object(one) || json_object_size(one) != known) return false;
        if (!json_is_string(hash) || (label != NULL && !json_is_string(label))) return false;
    }
    return true;
}

/** What is not known, or of another type, is refused: it might be what the portal relies on (RFC 9396 §5). Credentials
 * have no signatureQualifier. */
static bool are_members(const json_t *details)
{
    static const struct {
        const char *name;
        bool (*fits)(const json_t *value);
    } members[] = {{"type", is_text},
                   {"credentialID", is_text},
                   {"documentDigests", are_digests},
                   {"hashAlgorithmOID", is_text},
                   {"locations", are_texts}};
    size_t known = 0;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const json_t *value = json_object_get(details, members[i].name);
        if (value == NULL) continue;
        if (!members[i].fits(value)) return false;
        known++;
    }
    return json_object_size(details) == known;
}

/** One object, of the type "credential". */
static void take_details(struct reading *g, const json_t *list)
{
    const json_t *one = json_array_get(list, 0);
    bool right = slice_is(csc_json_text(json_object_get(one, "type")), "credential");
    if (json_array_size(list) != 1 || !right || !are_members(one)) {
        refuse(g, CSC_OAUTH_DETAILS);
        return;
    }
    read_credential(g, page_keep(g->page, csc_json_text(json_object_get(one, "credentialID"))));
    if (g->asked->refused == NULL) add_documents(g, json_object_get(one, "documentDigests"));
    if (g->asked->refused == NULL)
        read_digest(g, page_keep(g->page, csc_json_text(json_object_get(one, "hashAlgorithmOID"))));
    if (g->asked->refused != NULL) g->asked->refused = csc_oauth_rows[CSC_OAUTH_DETAILS].error;
    g->r->documents = true;
}

static void read_details(struct reading *g, slice text)
{
    json_t *list = text.length > DETAILS_MAXIMUM
                       ? NULL
                       : json_loadb((const char *)text.data, text.length, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_array(list))
        take_details(g, list);
    else
        refuse(g, CSC_OAUTH_DETAILS);
    json_decref(list);
    g->r->details = text;
}

static void read_plain(struct reading *g)
{
    read_credential(g, get(g, "credentialID"));
    if (g->asked->refused == NULL) read_hashes(g);
    if (g->asked->refused == NULL) read_digest(g, get(g, "hashAlgorithmOID"));
    if (g->asked->refused == NULL) read_number(g);
}

static void read_signatures(struct reading *g)
{
    slice details = get(g, "authorization_details");
    if (!g->r->credential_scope) return;
    if (http_field_count(g->asked->fields, "signatureQualifier") > 0)
        refuse(g, CSC_OAUTH_QUALIFIER); /* not to be told later that it was granted */
    else if (g->asked->version == 2 && details.length > 0)
        read_details(g, details);
    else
        read_plain(g);
}

/* ---- All ---- */

static void (*const readers[])(struct reading *g) = {
    check_twice,   read_type,        read_state,     read_scope,      read_challenge,
    read_language, read_description, read_statement, read_signatures,
};

rfd_status csc_ask_read(struct page *page, struct csc_asked *asked, struct rfd_error *error)
{
    struct reading g = {.page = page, .asked = asked, .r = &asked->request};
    slice redirect = asked->request.redirect;
    asked->request = (struct csc_request){.portal = asked->portal->id, .version = asked->version, .redirect = redirect};
    asked->refused = asked->why = NULL;
    g.r->hashes = arena_zeroed(page->arena, CSC_HASHES, sizeof *g.r->hashes);
    if (g.r->hashes == NULL) return arena_failed(page->arena, error);
    read_state(&g); /* it goes back with whatever else is wrong */
    if (asked->refused != NULL) g.r->state = SLICE_EMPTY;
    for (size_t i = 0; i < sizeof readers / sizeof *readers && asked->refused == NULL; i++) readers[i](&g);
    return page->arena->status == RFD_OK ? RFD_OK : arena_failed(page->arena, error);
}

/** What follows the host of an address of this machine's own loopback that was registered without a port; data NULL: it
 * is none. */
static slice behind_loopback(slice address, slice *host)
{
    static const char *const hosts[] = {"http://127.0.0.1", "http://[::1]", "http://localhost"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        *host = slice_text(hosts[i]);
        if (slice_starts(address, *host)) return slice_from(address, host->length);
    }
    return SLICE_EMPTY;
}

/** Octet by octet; but programs on people's own machines listen at whatever port is free (RFC 8252 §7.3). */
static bool is_same_address(slice registered, slice wanted)
{
    slice host, port;
    if (slice_equal(registered, wanted)) return true;
    slice rest = behind_loopback(registered, &host);
    if (rest.length == 0 || rest.data[0] != '/' || !slice_starts(wanted, host)) return false;
    wanted = slice_from(wanted, host.length);
    if (wanted.length == 0 || wanted.data[0] != ':') return false;
    wanted = slice_from(wanted, 1);
    port = http_cut(&wanted, '/');
    uint64_t number = 0;
    return number_unsigned(port, UINT16_MAX, &number) && number > 0 && slice_equal(wanted, slice_from(rest, 1));
}

bool csc_ask_redirect(const struct http_fields *fields, const struct portal *portal, slice *out)
{
    slice wanted = http_field_get(fields, "redirect_uri", 0);
    if (http_field_count(fields, "redirect_uri") > 1) return false;
    if (wanted.data == NULL && portal->return_count == 1) {
        *out = portal->returns[0];
        return true;
    }
    for (size_t i = 0; i < portal->return_count && wanted.length > 0; i++) {
        if (!is_same_address(portal->returns[i], wanted)) continue;
        *out = wanted;
        return true;
    }
    return false;
}

rfd_status csc_ask_keep(struct page *page, struct csc_request *request, struct rfd_error *error)
{
    struct csc_request *r = request;
    slice *const texts[] = {&r->redirect,    &r->state,    &r->challenge, &r->credential,
                            &r->description, &r->language, &r->statement, &r->details};
    struct csc_hash *all = arena_zeroed(page->arena, r->count + 1, sizeof *all);
    if (all == NULL) return arena_failed(page->arena, error);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) TRY(store_keep(page->arena, texts[i], error));
    for (size_t i = 0; i < r->count; i++) {
        all[i] = r->hashes[i];
        TRY(store_keep(page->arena, &all[i].hash, error));
        TRY(store_keep(page->arena, &all[i].label, error));
    }
    r->hashes = all;
    return RFD_OK;
}
