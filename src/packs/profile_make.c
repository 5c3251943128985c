/* SPDX-License-Identifier: EUPL-1.2
 *
 * A profile of what its file says, with the checks that no schema can say. Whether its certificates keep the standards
 * is lint's to say, when one is about to be signed.
 */
#include "packs/profile_schema.h"

#include "base/error.h"
#include "pki/attribute.h"
#include "pki/der.h"

#define COMPLAIN(key, at, ...) yaml_complain(file, RFD_E_PACK, key, at, error, __VA_ARGS__)

enum { DAYS_MAXIMUM = 36525, BACKDATED_MAXIMUM = 86400, APPROVERS_MAXIMUM = 2, RSA_LEAST = 2048, RSA_MOST = 8192 };

/* ---- Subject ---- */

static rfd_status make_attribute(const struct yaml_file *file, const struct pack_attribute *from,
                                 struct profile_attribute *to, struct rfd_error *error)
{
    to->type = attribute_from_word(slice_text(from->attribute));
    to->required = from->required;
    to->fixed = from->fixed;
    to->prefix = from->prefix;
    if (to->type == OID_COUNT)
        return COMPLAIN("attribute", from->attribute, "no attribute is called %s", from->attribute);
    if (from->fixed != NULL && from->prefix != NULL)
        return COMPLAIN("attribute", from->attribute, "%s is fixed and has a prefix", from->attribute);
    return RFD_OK;
}

static rfd_status make_subject(const struct yaml_file *file, const struct profile_entry *from, struct profile *to,
                               struct rfd_error *error)
{
    for (unsigned i = 0; i < from->subject_count; i++) {
        TRY(make_attribute(file, &from->subject[i], &to->attributes[i], error));
        for (unsigned j = 0; j < i; j++) {
            if (to->attributes[j].type != to->attributes[i].type) continue;
            return COMPLAIN("name", from->name, "%s has the attribute %s twice", from->name,
                            from->subject[i].attribute);
        }
    }
    to->attribute_count = from->subject_count;
    return RFD_OK;
}

/* ---- Policies and QC statements ---- */

static rfd_status make_policies(const struct yaml_file *file, const struct profile_entry *from, struct profile *to,
                                struct rfd_error *error)
{
    uint8_t octets[64];
    for (unsigned i = 0; i < from->policy_count; i++) {
        const struct pack_policy *p = &from->policies[i];
        if (oid_parse(p->oid, octets, sizeof octets) == 0)
            return COMPLAIN("oid", p->oid, "%s is no object identifier", p->oid);
        to->policies[i] = (struct profile_policy){.oid = p->oid, .cps = p->cps, .notice = p->notice};
    }
    to->policy_count = from->policy_count;
    return RFD_OK;
}

static void make_qc(const struct pack_qc *from, struct profile_qc *to)
{
    to->compliance = from->compliance;
    to->device = from->device;
    to->types = from->types;
    to->semantics = from->semantics;
    for (unsigned i = 0; i < from->disclosure_count; i++) {
        to->disclosures[i] =
            (struct profile_disclosure){.url = from->disclosures[i].url, .language = from->disclosures[i].language};
    }
    for (unsigned i = 0; i < from->law_count; i++) to->laws[i] = from->laws[i].country;
}

/* ---- The rest ---- */

static bool is_name(const char *name)
{
    for (const char *c = name; *c != '\0'; c++) {
        bool inner = *c == '-' && c != name && c[1] != '\0';
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9') && !inner) return false;
    }
    return true;
}

static rfd_status check_numbers(const struct yaml_file *file, const struct profile_entry *e, struct rfd_error *error)
{
    unsigned least = e->rsa_minimum == NULL ? RSA_LEAST : *e->rsa_minimum;
    unsigned most = e->rsa_maximum == NULL ? RSA_MOST : *e->rsa_maximum;
    if (e->days == 0 || e->days > DAYS_MAXIMUM)
        return COMPLAIN("name", e->name, "%s: days is not from 1 to %d", e->name, DAYS_MAXIMUM);
    if (e->backdated > BACKDATED_MAXIMUM) return COMPLAIN("name", e->name, "%s: backdated is more than a day", e->name);
    if (e->renewal > e->days) return COMPLAIN("name", e->name, "%s: renewal is more than days", e->name);
    if (e->path_length != NULL && (*e->path_length < 0 || *e->path_length > 8))
        return COMPLAIN("name", e->name, "%s: path_length is not from 0 to 8", e->name);
    if (least < RSA_LEAST || most > RSA_MOST || least > most)
        return COMPLAIN("name", e->name, "%s: RSA from %u to %u bits", e->name, least, most);
    return RFD_OK;
}

/* No certificate of a natural person without somebody else's signature. That of a legal person may be the seal of the
 * service's own operator, which belongs to the ceremony. */
static rfd_status check_people(const struct yaml_file *file, const struct profile_entry *e, struct rfd_error *error)
{
    bool person = (e->kind & LINT_PERSONS) != 0;
    if (e->approvals > APPROVERS_MAXIMUM)
        return COMPLAIN("name", e->name, "%s: approvals is more than %d", e->name, APPROVERS_MAXIMUM);
    if (e->kind == LINT_NATURAL && e->approvals == 0)
        return COMPLAIN("name", e->name, "%s: a person's without approval", e->name);
    if (!person && e->approvals != 0) return COMPLAIN("name", e->name, "%s: no person's, but approved", e->name);
    if (e->central && (!person || e->approvals == 0))
        return COMPLAIN("name", e->name, "%s: only keys that agents approve for persons are kept for them", e->name);
    if (e->agent && e->kind != LINT_NATURAL)
        return COMPLAIN("name", e->name, "%s: only a natural person can be an agent", e->name);
    if (e->agent && (e->key_usage & KEY_USAGE_DIGITAL_SIGNATURE) == 0)
        return COMPLAIN("name", e->name, "%s: an agent without digitalSignature cannot log in", e->name);
    return RFD_OK;
}

static void make_rest(const struct profile_entry *from, struct profile *to)
{
    to->name = from->name;
    to->kind = from->kind;
    to->key_usage = from->key_usage;
    for (unsigned i = 0; i < from->purpose_count; i++) to->purposes[i] = from->purposes[i];
    to->purpose_count = from->purpose_count;
    to->purposes_critical = from->purposes_critical;
    to->mail_allowed = (from->names & PACK_MAIL) != 0;
    to->hosts_allowed = (from->names & PACK_HOSTS) != 0;
    to->ocsp_nocheck = from->ocsp_nocheck;
    to->path_length = from->path_length == NULL ? -1 : *from->path_length;
    to->validity_days = from->days;
    to->backdated_seconds = from->backdated;
    to->may_end_with_issuer = from->may_end_with_issuer;
    to->keys = KEY_RULES_USUAL;
    to->keys.kinds = from->keys;
    if (from->rsa_minimum != NULL) to->keys.rsa_bits_minimum = (int)*from->rsa_minimum;
    if (from->rsa_maximum != NULL) to->keys.rsa_bits_maximum = (int)*from->rsa_maximum;
    if (from->qc != NULL) make_qc(from->qc, &to->qc);
}

rfd_status pack_profile_make(const struct yaml_file *file, const struct profile_entry *entry, struct pack_profile *out,
                             struct rfd_error *error)
{
    struct pack_profile p = {.title_es = entry->title.es,
                             .title_ca = entry->title.ca,
                             .title_en = entry->title.en,
                             .approvals = entry->approvals,
                             .renewal_days = entry->renewal,
                             .agent = entry->agent,
                             .central = entry->central};
    if (!is_name(entry->name))
        return COMPLAIN("name", entry->name, "%s: not lower-case letters, digits and inner hyphens", entry->name);
    TRY(check_numbers(file, entry, error));
    TRY(check_people(file, entry, error));
    TRY(make_subject(file, entry, &p.profile, error));
    TRY(make_policies(file, entry, &p.profile, error));
    make_rest(entry, &p.profile);
    *out = p;
    return RFD_OK;
}
