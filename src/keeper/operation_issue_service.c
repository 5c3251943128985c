/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates that no person holds: of servers and services, and of authorities. They need no approval; a profile that
 * wants one is refused here.
 */
#include "keeper/issuing.h"

#include "base/error.h"

enum { PROFILE_NAME_MAXIMUM = 64, ADDRESS_MAXIMUM = 255 };

/** The first agent has nobody yet who could approve his certificate (the key ceremony). */
static bool is_first_agent(const struct keeper *k, const struct pack_profile *profile)
{
    if (!profile->agent) return false;
    for (size_t i = 0; i < k->registered.count; i++) {
        if (k->registered.items[i]->kind == KEEPER_AGENT) return false;
    }
    return true;
}

/** A profile that is of no person and of no authority. */
static rfd_status find_service(const struct keeper *k, const struct keeper_key *key, slice name,
                               const struct pack_profile **out, struct rfd_error *error)
{
    const struct pack_profile *found = NULL;
    TRY(issuing_profile(k, key, name, &found, error));
    if ((found->approvals > 0 || found->profile.kind == LINT_NATURAL) && !is_first_agent(k, found))
        return error_set(error, RFD_E_APPROVAL_FEW, "%s is for persons", found->profile.name);
    if ((found->profile.kind & LINT_AUTHORITIES) != 0)
        return error_set(error, RFD_E_KEY_REFUSED, "%s is for authorities", found->profile.name);
    *out = found;
    return RFD_OK;
}

/* ---- Services ---- */

static rfd_status take_names(struct issuing *i, struct message_reader *r, struct rfd_error *error)
{
    uint32_t mails = message_get_u32(r);
    for (uint32_t n = 0; n < mails && !r->failed; n++)
        TRY(issuing_add_mail(i, message_get_text(r, ADDRESS_MAXIMUM), error));
    uint32_t hosts = message_get_u32(r);
    for (uint32_t n = 0; n < hosts && !r->failed; n++)
        TRY(issuing_add_host(i, message_get_text(r, ADDRESS_MAXIMUM), error));
    i->spki = message_get_bytes(r, KEY_CERTIFICATE_MAXIMUM);
    return message_end(r, "issue-service", error);
}

/** Issues, and answers with what was made. */
static rfd_status answer_with(struct keeper *k, const struct issuing *i, struct buf *answer, struct rfd_error *error)
{
    struct buf certificate;
    struct issued made = {.certificate = &certificate};
    buf_init(&certificate, PROFILE_CERTIFICATE_MAXIMUM);
    rfd_status status = issuing_make(k, i, &made, error);
    if (status == RFD_OK) issuing_put_answer(answer, &made);
    buf_dispose(&certificate);
    return status;
}

rfd_status keeper_issue_service(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                                struct rfd_error *error)
{
    struct issuing i = {.key = key, .where = &key->authority.policy};
    const struct pack_profile *profile = NULL;
    slice name = message_get_text(r, PROFILE_NAME_MAXIMUM);
    TRY(issuing_take_attributes(&i, r, error));
    TRY(take_names(&i, r, error));
    TRY(keeper_authority_ready(key, true, error));
    TRY(find_service(k, key, name, &profile, error));
    i.profile = &profile->profile;
    TRY(answer_with(k, &i, answer, error));
    message_put_u8(answer, 0);
    return RFD_OK;
}

rfd_status keeper_renew_service(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                                struct rfd_error *error)
{
    struct issuing i = {.key = key, .where = &key->authority.policy};
    const struct pack_profile *profile = NULL;
    slice name = message_get_text(r, KEY_NAME_SIZE - 1);
    TRY(message_end(r, "renew-service", error));
    TRY(keeper_authority_ready(key, true, error));
    const struct registered *service = registered_find(&k->registered, KEEPER_SERVICE, name);
    if (service == NULL) return error_set(error, RFD_E_NOT_FOUND, "no service of this name is registered");
    if (!slice_is(service->key, key->description->name))
        return error_set(error, RFD_E_KEY_REFUSED, "service %s belongs to another authority", service->name);
    TRY(find_service(k, key, service->profiles, &profile, error));
    i.profile = &profile->profile;
    i.spki = service->proof;
    for (size_t n = 0; n < service->subject_count; n++)
        TRY(issuing_add_attribute(&i, service->subject[n].type, service->subject[n].value, error));
    return answer_with(k, &i, answer, error);
}

/* ---- Authorities ---- */

/** The public key: of this keeper, by its name, or as it was sent. */
static rfd_status choose_key(struct keeper *k, struct issuing *i, slice name, slice spki, struct rfd_error *error)
{
    struct keeper_key *subject = NULL;
    i->spki = spki;
    if (name.length == 0) return RFD_OK;
    TRY(keeper_key_find(k, name, &subject, error));
    if (subject->description->purpose != PURPOSE_CA)
        return error_set(error, RFD_E_KEY_REFUSED, "%s is not the key of an authority", subject->description->name);
    if (spki.length > 0 && !slice_equal(spki, subject->description->public_key))
        return error_set(error, RFD_E_KEY_MISMATCH, "not the public key of %s", subject->description->name);
    i->spki = subject->description->public_key;
    i->root = subject == i->key;
    return RFD_OK;
}

/** A root is found in the packs, and issues to itself alone; all others the policy has to name. */
static rfd_status find_authority(const struct keeper *k, const struct issuing *i, slice name,
                                 const struct pack_profile **out, struct rfd_error *error)
{
    const struct pack_profile *found = k->packs == NULL ? NULL : packs_profile(k->packs, name);
    if (!i->root) TRY(issuing_profile(k, i->key, name, &found, error));
    if (found == NULL) return error_set(error, RFD_E_PROFILE, "there is no such profile");
    if (found->profile.kind != (i->root ? LINT_ROOT : LINT_AUTHORITY))
        return error_set(error, RFD_E_KEY_REFUSED, "%s is not for %s", found->profile.name,
                         i->root ? "a root" : "authorities below this one");
    *out = found;
    return RFD_OK;
}

rfd_status keeper_issue_authority(struct keeper *k, struct keeper_key *key, struct message_reader *r,
                                  struct buf *answer, struct rfd_error *error)
{
    struct issuing i = {.key = key};
    struct authority_policy where;
    struct buf certificate;
    struct issued made = {.certificate = &certificate};
    const struct pack_profile *profile = NULL;
    slice name = message_get_text(r, PROFILE_NAME_MAXIMUM);
    TRY(issuing_take_attributes(&i, r, error));
    i.days = message_get_u32(r);
    slice own = message_get_text(r, KEY_NAME_SIZE - 1);
    slice spki = message_get_bytes(r, KEY_CERTIFICATE_MAXIMUM);
    slice policy = message_get_bytes(r, AUTHORITY_POLICY_MAXIMUM);
    TRY(message_end(r, "issue-authority", error));
    TRY(choose_key(k, &i, own, spki, error));
    TRY(find_authority(k, &i, name, &profile, error));
    i.profile = &profile->profile;
    if (policy.length > 0) {
        TRY(authority_policy_read(policy, &where, error));
        i.where = &where;
    } else if (!i.root) {
        i.where = &key->authority.policy;
    }
    buf_init(&certificate, PROFILE_CERTIFICATE_MAXIMUM);
    rfd_status status = issuing_make(k, &i, &made, error);
    if (status == RFD_OK) message_put_bytes(answer, buf_slice(&certificate));
    buf_dispose(&certificate);
    return status;
}
