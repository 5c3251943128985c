/* SPDX-License-Identifier: EUPL-1.2
 *
 * What others are told about a person: what the scope allows, and nothing that was not asked for. Identity numbers are
 * never among it.
 */
#include "base/clock.h"
#include "base/error.h"
#include "domain/oidc/oidc_internal.h"
#include "domain/organisation/organisation.h"

#include <jansson.h>
#include <stdlib.h>

static json_t *text(slice s)
{
    return json_stringn((const char *)s.data, s.length);
}

static void set(json_t *claims, const char *name, json_t *value)
{
    (void)json_object_set_new(claims, name, value);
}

/** Surnames as they are written together. */
static json_t *surnames(const struct person *p)
{
    return json_sprintf("%.*s%s%.*s", (int)p->surname.length, (const char *)p->surname.data,
                        p->second_surname.length > 0 ? " " : "", (int)p->second_surname.length,
                        (const char *)p->second_surname.data);
}

static void set_profile(json_t *claims, const struct account *account, const struct person *p)
{
    set(claims, "name",
        json_sprintf("%.*s %.*s%s%.*s", (int)p->given_names.length, (const char *)p->given_names.data,
                     (int)p->surname.length, (const char *)p->surname.data, p->second_surname.length > 0 ? " " : "",
                     (int)p->second_surname.length, (const char *)p->second_surname.data));
    set(claims, "given_name", text(p->given_names));
    set(claims, "family_name", surnames(p));
    /* A citizen's code is their identity number. */
    if (!slice_equal(account->code, p->number)) set(claims, "preferred_username", text(account->code));
    set(claims, "locale", text(p->language));
}

static bool has_text(const json_t *list, const char *wanted)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (strcmp(json_string_value(json_array_get(list, i)), wanted) == 0) return true;
    }
    return false;
}

/** "roles" are plain names, which every program can compare; "roles_in_units" say where. */
static rfd_status set_roles(struct transaction *t, json_t *claims, int64_t person, rfd_time now,
                            struct rfd_error *error)
{
    const struct actor_role *roles = NULL;
    size_t count = 0;
    json_t *names = json_array();
    json_t *places = json_array();
    rfd_status status = actor_load_roles(t, person, now, store_arena(t), &roles, &count, error);
    for (size_t i = 0; i < count && status == RFD_OK; i++) {
        const char *name = role_info(roles[i].role)->name;
        if (!has_text(names, name)) (void)json_array_append_new(names, json_string(name));
        (void)json_array_append_new(places, json_pack("{s:s, s:I}", "role", name, "unit", (json_int_t)roles[i].unit));
    }
    set(claims, "roles", names);
    set(claims, "roles_in_units", places);
    return status;
}

/** RFC 8176. */
static json_t *methods_of(unsigned methods)
{
    static const struct {
        unsigned method;
        const char *name;
    } names[] = {{METHOD_PASSWORD, "pwd"}, {METHOD_TOTP, "otp"},        {METHOD_SMS, "sms"},     {METHOD_MAIL, "otp"},
                 {METHOD_PASSKEY, "hwk"},  {METHOD_CERTIFICATE, "swk"}, {METHOD_PROVIDER, "fed"}};
    json_t *list = json_array();
    unsigned factors = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if ((methods & names[i].method) == 0) continue;
        (void)json_array_append_new(list, json_string(names[i].name));
        factors++;
    }
    if (factors > 1) (void)json_array_append_new(list, json_string("mfa"));
    return list;
}

static rfd_status about(struct transaction *t, int64_t account_id, slice scope, json_t *claims, struct rfd_error *error)
{
    struct account account;
    struct person person;
    TRY(account_find(t, account_id, &account, error));
    TRY(person_find(t, account.person, &person, error));
    set(claims, "sub", json_sprintf("%lld", (long long)account.id));
    if (oidc_scope_has(scope, "profile")) set_profile(claims, &account, &person);
    if (oidc_scope_has(scope, "email") && person.mail.length > 0) set(claims, "email", text(person.mail));
    set(claims, "acr", json_string(account.level == LEVEL_ADVANCED ? "advanced" : "basic"));
    return oidc_scope_has(scope, "roles") ? set_roles(t, claims, person.id, clock_now(), error) : RFD_OK;
}

static rfd_status write_out(json_t *claims, struct buf *out, struct rfd_error *error)
{
    char *dumped = json_dumps(claims, JSON_COMPACT);
    if (dumped == NULL) return error_memory(error);
    buf_put_text(out, dumped);
    free(dumped);
    return buf_check(out, "claims", error);
}

rfd_status oidc_claims(struct transaction *t, int64_t account, slice scope, struct buf *out, struct rfd_error *error)
{
    json_t *claims = json_object();
    rfd_status status = about(t, account, scope, claims, error);
    if (status == RFD_OK) status = write_out(claims, out, error);
    json_decref(claims);
    return status;
}

rfd_status oidc_identity(struct transaction *t, const struct oidc_grant *grant, const char *issuer, rfd_time now,
                         struct buf *out, struct rfd_error *error)
{
    json_t *claims = json_object();
    json_int_t seconds = now / RFD_SECOND;
    rfd_status status = about(t, grant->account, grant->scope, claims, error);
    set(claims, "iss", json_string(issuer));
    set(claims, "aud", text(grant->client.client_id));
    set(claims, "iat", json_integer(seconds));
    set(claims, "exp", json_integer(seconds + OIDC_TOKEN_SECONDS));
    set(claims, "auth_time", json_integer(grant->signed_in / RFD_SECOND));
    set(claims, "amr", methods_of(grant->methods));
    if (grant->nonce.length > 0) set(claims, "nonce", text(grant->nonce));
    if (status == RFD_OK) status = write_out(claims, out, error);
    json_decref(claims);
    return status;
}
