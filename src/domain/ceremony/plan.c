/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/ceremony/plan.h"

#include "base/error.h"
#include "keeper/authority_policy.h"
#include "keeper/keystore.h"
#include "keeper/shamir.h"
#include "pki/attribute.h"
#include "pki/der.h"

enum {
    YEARS_MAXIMUM = 40,
    CRL_DAYS_MAXIMUM = 400, /* as the keeper allows */
    HOURS_MAXIMUM = 744,    /* as the keeper allows for OCSP */
    MINUTES_MAXIMUM = 10080,
    ACCURACY_MAXIMUM = 60000,
    URL_MAXIMUM = 180,
    INSTANCE_MAXIMUM = 127
};

/** What is checked, and what with. */
struct reader {
    const struct yaml_file *file;
    const struct plan *plan;
    const struct packs *packs;
    struct rfd_error *error;
};
#define COMPLAIN(key, at, ...) yaml_complain(r->file, RFD_E_PLAN, key, at, r->error, __VA_ARGS__)

/* ---- Words ---- */

size_t plan_subject_values(const struct plan_subject *s, struct profile_value *values)
{
    const struct profile_value all[] = {{OID_COUNTRY, s->c},
                                        {OID_STATE, s->st},
                                        {OID_LOCALITY, s->l},
                                        {OID_ORGANIZATION, s->o},
                                        {OID_ORGANIZATION_IDENTIFIER, s->organization_identifier},
                                        {OID_ORGANIZATIONAL_UNIT, s->ou},
                                        {OID_TITLE, s->title},
                                        {OID_SURNAME, s->sn},
                                        {OID_GIVEN_NAME, s->given_name},
                                        {OID_SERIAL_NUMBER, s->serial_number},
                                        {OID_COMMON_NAME, s->cn}};
    size_t count = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].text != NULL) values[count++] = all[i];
    }
    return count;
}

size_t plan_issuer(const struct plan *plan, const char *name)
{
    size_t i = 0;
    while (name != NULL && i < plan->issuing_count && strcmp(plan->issuing[i].name, name) != 0) i++;
    return i;
}

static rfd_status check_algorithm(const struct reader *r, const char *name)
{
    enum key_algorithm algorithm = key_algorithm_from_name(slice_text(name));
    if (algorithm != KEY_ALGORITHM_NONE && algorithm != KEY_ALGORITHM_AES_256) return RFD_OK;
    return COMPLAIN("algorithm", name, "there is no algorithm %s", name);
}

static rfd_status check_name(const struct reader *r, const char *name)
{
    if (key_name_is_good(slice_text(name))) return RFD_OK;
    return COMPLAIN(NULL, name, "%s: not lower-case letters, digits and inner hyphens", name);
}

static rfd_status check_issuer(const struct reader *r, const char *name)
{
    if (plan_issuer(r->plan, name) < r->plan->issuing_count) return RFD_OK;
    return COMPLAIN("issuer", name, "there is no issuing authority %s", name);
}

static rfd_status check_token(const struct reader *r, const char *name)
{
    if (name == NULL) return RFD_OK;
    for (unsigned i = 0; i < r->plan->token_count; i++) {
        if (strcmp(r->plan->tokens[i].name, name) == 0) return RFD_OK;
    }
    return COMPLAIN("token", name, "there is no token %s", name);
}

static rfd_status check_range(const struct reader *r, const char *key, unsigned value, unsigned least, unsigned most)
{
    char text[16];
    if (value >= least && value <= most) return RFD_OK;
    (void)snprintf(text, sizeof text, "%u", value);
    return COMPLAIN(key, text, "%s is not from %u to %u", key, least, most);
}

/* ---- Subjects against their profiles ---- */

static const char *value_of(const struct profile_value *values, size_t count, enum oid_name type)
{
    for (size_t i = 0; i < count; i++) {
        if (values[i].type == type) return values[i].text;
    }
    return NULL;
}

static rfd_status check_attribute(const struct reader *r, const struct profile *p, const struct profile_attribute *a,
                                  const char *value, const char *who)
{
    if (a->fixed != NULL) return RFD_OK;
    if (value == NULL && a->required)
        return COMPLAIN("cn", who, "%s: the profile %s wants %s", who, p->name, attribute_word(a->type));
    if (value != NULL && a->prefix != NULL && !slice_starts(slice_text(value), slice_text(a->prefix)))
        return COMPLAIN(attribute_word(a->type), value, "%s does not begin with %s", value, a->prefix);
    return RFD_OK;
}

static bool is_foreseen(const struct profile *p, enum oid_name type)
{
    for (size_t i = 0; i < p->attribute_count; i++) {
        if (p->attributes[i].type == type && p->attributes[i].fixed == NULL) return true;
    }
    return false;
}

static rfd_status check_subject(const struct reader *r, const char *profile, const struct plan_subject *subject)
{
    struct profile_value values[PROFILE_ATTRIBUTES_MAXIMUM];
    size_t count = plan_subject_values(subject, values);
    const struct pack_profile *p = packs_profile(r->packs, slice_text(profile));
    const char *who = subject->cn == NULL ? "" : subject->cn;
    if (p == NULL) return COMPLAIN(NULL, profile, "the packs have no profile %s", profile);
    for (size_t i = 0; i < p->profile.attribute_count; i++) {
        const struct profile_attribute *a = &p->profile.attributes[i];
        TRY(check_attribute(r, &p->profile, a, value_of(values, count, a->type), who));
    }
    for (size_t i = 0; i < count; i++) {
        if (is_foreseen(&p->profile, values[i].type)) continue;
        return COMPLAIN(attribute_word(values[i].type), values[i].text, "%s: the profile %s has no %s", who, profile,
                        attribute_word(values[i].type));
    }
    return RFD_OK;
}

static bool is_listed(char *const *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], name) == 0) return true;
    }
    return false;
}

/* What is issued in the ceremony has to be among the profiles of the authority that issues it. */
static rfd_status check_issued(const struct reader *r, const char *issuer, const char *profile,
                               const struct plan_subject *subject, const char *algorithm)
{
    TRY(check_issuer(r, issuer));
    TRY(check_algorithm(r, algorithm));
    TRY(check_subject(r, profile, subject));
    const struct plan_issuing *i = &r->plan->issuing[plan_issuer(r->plan, issuer)];
    if (is_listed(i->profiles, i->profile_count, profile)) return RFD_OK;
    return COMPLAIN("name", i->name, "%s issues no %s: add it to its profiles", i->name, profile);
}

/* ---- Parts ---- */

static rfd_status check_root(const struct reader *r)
{
    const struct plan_root *root = &r->plan->root;
    TRY(check_name(r, root->name));
    TRY(check_algorithm(r, root->algorithm));
    TRY(check_subject(r, "root", &root->subject));
    TRY(check_range(r, "years", root->years, 1, YEARS_MAXIMUM));
    TRY(check_range(r, "crl_days", root->crl_days, 0, CRL_DAYS_MAXIMUM));
    if (root->needed < 2 || root->needed > root->custodian_count) {
        char text[16];
        (void)snprintf(text, sizeof text, "%u", root->needed);
        return COMPLAIN("needed", text, "%u of %u custodians: from 2 to all of them", root->needed,
                        root->custodian_count);
    }
    return RFD_OK;
}

static rfd_status check_profiles(const struct reader *r, char *const *profiles, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (packs_profile(r->packs, slice_text(profiles[i])) == NULL)
            return COMPLAIN(NULL, profiles[i], "the packs have no profile %s", profiles[i]);
        if (is_listed(profiles, i, profiles[i])) return COMPLAIN(NULL, profiles[i], "%s is listed twice", profiles[i]);
    }
    return RFD_OK;
}

static rfd_status check_unique(const struct reader *r, const struct plan_issuing *one)
{
    if (strcmp(one->name, r->plan->root.name) == 0)
        return COMPLAIN("name", one->name, "%s is the root's name", one->name);
    for (const struct plan_issuing *other = r->plan->issuing; other != one; other++) {
        if (strcmp(one->name, other->name) == 0)
            return COMPLAIN("name", one->name, "there are two authorities %s", one->name);
        if (one->instance == other->instance)
            return COMPLAIN("name", one->name, "%s and %s have the same instance", other->name, one->name);
    }
    return RFD_OK;
}

static rfd_status check_issuing(const struct reader *r, const struct plan_issuing *i)
{
    enum { NAME_ROOM = sizeof "ocsp-" };
    TRY(check_name(r, i->name));
    if (strlen(i->name) + NAME_ROOM > KEY_NAME_SIZE) return COMPLAIN("name", i->name, "%s is too long", i->name);
    TRY(check_unique(r, i));
    TRY(check_algorithm(r, i->algorithm));
    TRY(check_token(r, i->token));
    TRY(check_subject(r, "issuing", &i->subject));
    TRY(check_range(r, "years", i->years, 1, r->plan->root.years));
    TRY(check_profiles(r, i->profiles, i->profile_count));
    TRY(check_range(r, "partitions", i->partitions, 0, AUTHORITY_PARTITIONS_MAXIMUM));
    TRY(check_range(r, "instance", i->instance, 1, INSTANCE_MAXIMUM));
    TRY(check_range(r, "crl_hours", i->crl_hours, 0, HOURS_MAXIMUM));
    TRY(check_range(r, "ocsp_hours", i->ocsp_hours, 0, HOURS_MAXIMUM));
    TRY(check_range(r, "approval_minutes", i->approval_minutes, 0, MINUTES_MAXIMUM));
    return check_issued(r, i->name, "ocsp", &i->responder.subject, i->responder.algorithm);
}

static rfd_status check_stamper(const struct reader *r, const struct plan_stamper *t)
{
    uint8_t octets[64];
    TRY(check_name(r, t->name));
    for (const struct plan_stamper *other = r->plan->stampers; other != t; other++) {
        if (strcmp(t->name, other->name) == 0) return COMPLAIN("name", t->name, "there are two keys %s", t->name);
    }
    TRY(check_range(r, "accuracy_ms", t->accuracy_ms, 1, ACCURACY_MAXIMUM));
    if (oid_parse(t->policy, octets, sizeof octets) == 0)
        return COMPLAIN("policy", t->policy, "%s is no object identifier", t->policy);
    return check_issued(r, t->issuer, "tsa", &t->subject, t->algorithm);
}

static rfd_status check_agent(const struct reader *r)
{
    const struct plan_agent *a = &r->plan->agent;
    TRY(check_name(r, a->name));
    TRY(check_profiles(r, a->profiles, a->profile_count));
    return check_issued(r, a->issuer, "agent", &a->subject, a->algorithm);
}

static rfd_status check_registration(const struct reader *r)
{
    const struct plan_registration *g = r->plan->registration;
    return g == NULL ? RFD_OK : check_issued(r, g->issuer, "tls-server", &g->subject, g->algorithm);
}

static rfd_status check_instance(const struct reader *r)
{
    const struct plan *p = r->plan;
    slice url = slice_text(p->url);
    bool http = slice_starts(url, SLICE("http://")) && url.length > 7;
    if (!http || url.length > URL_MAXIMUM || slice_ends(url, SLICE("/")))
        return COMPLAIN("url", p->url, "%s: not http:// and a host, without a slash at the end", p->url);
    if (p->passphrase_file != NULL && p->credential != NULL)
        return COMPLAIN("credential", p->credential, "passphrase_file and credential: one of them");
    const char *opens = p->credential != NULL ? p->credential : p->passphrase_file;
    if (opens != NULL && opens[0] != '/') return COMPLAIN(NULL, opens, "%s: not an absolute path", opens);
    return check_range(r, "signers", p->signers, 0, PLAN_SIGNERS_MAXIMUM);
}

static rfd_status check_plan(const struct reader *r)
{
    const struct plan *p = r->plan;
    TRY(check_instance(r));
    TRY(check_root(r));
    for (unsigned i = 0; i < p->issuing_count; i++) TRY(check_issuing(r, &p->issuing[i]));
    for (unsigned i = 0; i < p->stamper_count; i++) TRY(check_stamper(r, &p->stampers[i]));
    TRY(check_issued(r, p->seal.issuer, "seal", &p->seal.subject, p->seal.algorithm));
    TRY(check_token(r, p->seal.token));
    TRY(check_algorithm(r, p->log_algorithm));
    TRY(check_agent(r));
    return check_registration(r);
}

rfd_status plan_read(const char *path, const struct packs *packs, struct yaml_file *file, const struct plan **out,
                     struct rfd_error *error)
{
    struct yaml_file read = {.data = NULL};
    TRY(yaml_read(path, &plan_schema, RFD_E_PLAN, &read, error));
    const struct reader r = {.file = &read, .plan = read.data, .packs = packs, .error = error};
    rfd_status status = check_plan(&r);
    if (status != RFD_OK) {
        yaml_dispose(&read);
        return status;
    }
    *file = read;
    *out = read.data;
    return RFD_OK;
}
