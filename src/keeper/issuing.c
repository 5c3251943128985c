/* SPDX-License-Identifier: EUPL-1.2
 *
 * The key signs when all has been checked; then the record goes to the journal with the signature in it. Nothing leaves
 * before the record is on disk: keeper_handle() and the process see to that.
 */
#include "keeper/issuing.h"

#include "base/error.h"
#include "base/number.h"
#include "keeper/mac.h"
#include "pki/attribute.h"

#include <openssl/rand.h>

enum { ADDRESS_SIZE = AUTHORITY_ADDRESS_MAXIMUM + 16, WORD_MAXIMUM = 64, VALUE_MAXIMUM = 512 };

/* ---- The order ---- */

/** A copy with a terminating zero; NULL when there is no room. */
static const char *keep(struct issuing *i, slice value)
{
    if (value.length >= sizeof i->texts - i->used) return NULL;
    char *to = i->texts + i->used;
    if (value.length > 0) memcpy(to, value.data, value.length);
    to[value.length] = '\0';
    i->used += value.length + 1;
    return to;
}

static rfd_status too_much(struct rfd_error *error)
{
    return error_set(error, RFD_E_LIMIT, "too much for one certificate");
}

rfd_status issuing_add_attribute(struct issuing *i, enum oid_name type, slice value, struct rfd_error *error)
{
    const char *text = i->value_count == APPROVAL_SUBJECT_MAXIMUM ? NULL : keep(i, value);
    if (text == NULL) return too_much(error);
    i->values[i->value_count++] = (struct profile_value){type, text};
    return RFD_OK;
}

rfd_status issuing_add_mail(struct issuing *i, slice mail, struct rfd_error *error)
{
    const char *text = i->mail_count == APPROVAL_NAMES_MAXIMUM ? NULL : keep(i, mail);
    if (text == NULL) return too_much(error);
    i->mails[i->mail_count++] = text;
    return RFD_OK;
}

rfd_status issuing_add_host(struct issuing *i, slice host, struct rfd_error *error)
{
    const char *text = i->host_count == APPROVAL_NAMES_MAXIMUM ? NULL : keep(i, host);
    if (text == NULL) return too_much(error);
    i->hosts[i->host_count++] = text;
    return RFD_OK;
}

rfd_status issuing_take_attributes(struct issuing *i, struct message_reader *r, struct rfd_error *error)
{
    uint32_t count = message_get_u32(r);
    for (uint32_t n = 0; n < count && !r->failed; n++) {
        enum oid_name type = attribute_from_word(message_get_text(r, WORD_MAXIMUM));
        slice value = message_get_text(r, VALUE_MAXIMUM);
        if (r->failed) break;
        if (type == OID_COUNT) return error_set(error, RFD_E_ARGUMENT, "an attribute that is not known");
        TRY(issuing_add_attribute(i, type, value, error));
    }
    return r->failed ? message_end(r, "attributes", error) : RFD_OK;
}

rfd_status issuing_profile(const struct keeper *k, const struct keeper_key *key, slice name,
                           const struct pack_profile **out, struct rfd_error *error)
{
    const struct pack_profile *found = k->packs == NULL ? NULL : packs_profile(k->packs, name);
    int length = (int)(name.length > WORD_MAXIMUM ? WORD_MAXIMUM : name.length);
    if (found == NULL)
        return error_set(error, RFD_E_PROFILE, "there is no profile %.*s", length, (const char *)name.data);
    if (!keeper_authority_allows(key, name))
        return error_set(error, RFD_E_KEY_REFUSED, "key %s is not for profile %.*s", key->description->name, length,
                         (const char *)name.data);
    *out = found;
    return RFD_OK;
}

/* ---- Serial numbers ---- */

/* After the policy's first octet, three of the time: those that are issued together lie together in whatever is ordered
 * by serial number, so that a register of millions changes as few pages for each as an empty one. They are bits 16 to
 * 39 of the microseconds and come again after twelve days, which orders well enough. Uniqueness does not rest on them,
 * but on the sixteen octets of a MAC that follow, and that nobody can foresee. */
enum { SERIAL_MAC_SIZE = 16, SERIAL_TIME_SHIFT = 16 };

/** Over an approval, or, where there is none, the key's count and chance. */
static rfd_status make_serial_mac(const struct keeper *k, const struct issuing *i, uint8_t mac[MAC_SIZE],
                                  struct rfd_error *error)
{
    uint8_t bytes[JOURNAL_INSTANCE_SIZE + KEY_ID_SIZE + 64];
    uint8_t count[COUNTER_SERIAL_SIZE];
    uint8_t random[16];
    struct buf b = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    buf_put(&b, journal_instance(k->journal), JOURNAL_INSTANCE_SIZE);
    buf_put(&b, i->key->description->id, KEY_ID_SIZE);
    if (i->approval.length > 0) {
        buf_put_slice(&b, i->approval);
    } else {
        if (RAND_bytes(random, sizeof random) != 1) return error_set(error, RFD_E_INTERNAL, "no random numbers");
        counter_serial(&i->key->counter, count);
        buf_put(&b, count, sizeof count);
        buf_put(&b, random, sizeof random);
    }
    TRY(buf_check(&b, "serial number", error));
    return mac_of(&k->serial_secret, buf_slice(&b), SLICE_EMPTY, mac, error);
}

static void take_serial(struct issued *out, slice serial)
{
    memcpy(out->serial_octets, serial.data, serial.length);
    out->serial = slice_of(out->serial_octets, serial.length);
}

static rfd_status make_serial(const struct keeper *k, const struct issuing *i, struct issued *out,
                              struct rfd_error *error)
{
    uint8_t mac[MAC_SIZE];
    uint8_t serial[ISSUING_SERIAL_SIZE];
    uint64_t time = (uint64_t)out->time >> SERIAL_TIME_SHIFT;
    TRY(make_serial_mac(k, i, mac, error));
    serial[0] = i->key->authority.policy.instance;
    for (unsigned n = 0; n < 3; n++) serial[3 - n] = (uint8_t)(time >> (8 * n));
    memcpy(serial + ISSUING_SERIAL_SIZE - SERIAL_MAC_SIZE, mac, SERIAL_MAC_SIZE);
    take_serial(out, slice_of(serial, sizeof serial));
    return RFD_OK;
}

static uint32_t partition_of(const struct issuing *i, slice serial)
{
    uint64_t chance = number_big_endian(serial.data + serial.length - 8, 8);
    return (uint32_t)(chance % i->key->authority.policy.partitions);
}

/** When, under which number, in which partition: as it was, or from now on. */
static rfd_status choose(struct keeper *k, const struct issuing *i, struct issued *out, struct rfd_error *error)
{
    if (i->before == NULL) {
        TRY(keeper_key_time(i->key, &out->time, error));
        TRY(keeper_key_use(k, i->key, out->time, error));
        TRY(make_serial(k, i, out, error));
        out->partition = partition_of(i, out->serial);
        return RFD_OK;
    }
    if (i->before->serial.length > ISSUING_SERIAL_SIZE ||
        !slice_equal(slice_of(i->before->key, KEY_ID_SIZE), slice_of(i->key->description->id, KEY_ID_SIZE)))
        return error_set(error, RFD_E_APPROVAL_USED, "by another authority");
    take_serial(out, i->before->serial);
    out->time = i->before->time;
    out->partition = i->before->partition;
    return RFD_OK;
}

/* ---- Signing ---- */

struct hand {
    const struct issuing *issuing;
    uint8_t tbs[JOURNAL_HASH_SIZE];
    uint8_t bytes[JOURNAL_SIGNATURE_MAXIMUM];
    struct buf signature;
};

/** Signs, or gives the signature of before when the same octets are to be signed. */
static rfd_status sign(void *context, const struct signature_algorithm *a, slice message, slice digest,
                       struct buf *signature, struct rfd_error *error)
{
    struct hand *h = context;
    const struct journal_record *before = h->issuing->before;
    if (a->digest == DIGEST_SHA256)
        memcpy(h->tbs, digest.data, sizeof h->tbs);
    else
        TRY(digest_of(DIGEST_SHA256, message, h->tbs, error));
    if (before != NULL && !slice_equal(before->tbs, slice_of(h->tbs, sizeof h->tbs)))
        return error_set(error, RFD_E_APPROVAL_USED, "and the profile, the policy or the authority changed since");
    if (before != NULL)
        buf_put_slice(&h->signature, before->signature);
    else
        TRY(stored_key_sign(h->issuing->key->stored, a, message, digest, &h->signature, error));
    buf_put_slice(signature, buf_slice(&h->signature));
    return buf_check(&h->signature, "signature", error);
}

static const char *text_or_null(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

/** An address of the certificate's partition; NULL when there is none. */
static const char *address(slice pattern, uint32_t partition, char text[ADDRESS_SIZE])
{
    struct buf b = {.data = (uint8_t *)text, .capacity = ADDRESS_SIZE, .maximum = ADDRESS_SIZE};
    authority_policy_address(pattern, partition, &b);
    buf_put_byte(&b, 0);
    return pattern.length == 0 || buf_status(&b) != RFD_OK ? NULL : text;
}

static rfd_status issue(const struct issuing *i, struct issued *out, struct hand *hand, struct rfd_error *error)
{
    char point[ADDRESS_SIZE], freshest[ADDRESS_SIZE], ocsp[ADDRESS_SIZE], ca_issuers[ADDRESS_SIZE];
    struct profile profile = *i->profile;
    struct authority_signer signer = i->key->signer;
    const struct profile_order order = {.values = i->values,
                                        .value_count = i->value_count,
                                        .mails = i->mails,
                                        .mail_count = i->mail_count,
                                        .hosts = i->hosts,
                                        .host_count = i->host_count,
                                        .spki = i->spki,
                                        .key_checked = i->key_checked || i->before != NULL,
                                        .serial = out->serial,
                                        .now = out->time};
    if (i->where == &i->key->authority.policy) {
        profile.ocsp = text_or_null(i->key->authority.ocsp);
        profile.ca_issuers = text_or_null(i->key->authority.ca_issuers);
    } else if (i->where != NULL) {
        profile.ocsp = address(i->where->ocsp, 0, ocsp);
        profile.ca_issuers = address(i->where->ca_issuers, 0, ca_issuers);
    }
    if (i->where != NULL) {
        profile.crl_point = address(i->where->crl_point, out->partition, point);
        profile.freshest = address(i->where->freshest, out->partition, freshest);
    }
    if (i->days > 0) profile.validity_days = i->days;
    signer.sign = sign;
    signer.context = hand;
    return i->root ? profile_issue_root(&profile, &signer, &order, out->certificate, error)
                   : profile_issue(&profile, &signer, &order, out->certificate, error);
}

/* ---- Looking at what was made ---- */

/** Reads the certificate as its relying parties will, and compares it with what was wanted. */
static rfd_status inspect(const struct issuing *i, const struct issued *made, const struct hand *hand,
                          struct rfd_error *error)
{
    const struct certificate *c = NULL;
    uint8_t hash[JOURNAL_HASH_SIZE];
    TRY(certificate_parse(buf_slice(made->certificate), &c, error));
    rfd_status status = digest_of(DIGEST_SHA256, c->tbs, hash, error);
    bool authority = (i->profile->kind & LINT_AUTHORITIES) != 0;
    bool same = slice_equal(c->spki, i->spki) && slice_equal(c->signature, buf_slice(&hand->signature)) &&
                slice_equal(c->serial, made->serial) && c->is_ca == authority &&
                slice_equal(c->issuer, i->root ? c->subject : i->key->certificate->subject) &&
                slice_equal(slice_of(hash, sizeof hash), slice_of(hand->tbs, sizeof hand->tbs));
    certificate_unref(c);
    if (status == RFD_OK && !same)
        status = error_set(error, RFD_E_INTERNAL, "the certificate is not the one that was wanted");
    return status;
}

static rfd_status record(struct keeper *k, const struct issuing *i, const struct issued *made, const struct hand *hand,
                         struct rfd_error *error)
{
    struct journal_record r = {.time = made->time,
                               .partition = made->partition,
                               .serial = made->serial,
                               .tbs = slice_of(hand->tbs, sizeof hand->tbs),
                               .approval = i->approval,
                               .signature = buf_slice(&hand->signature)};
    memcpy(r.key, i->key->description->id, sizeof r.key);
    return journal_add(k->journal, &r, error);
}

/** What a profile says of data that do not fit is told as that; the detail stays. */
static rfd_status explain(rfd_status status, struct rfd_error *error)
{
    if (status != RFD_E_ARGUMENT) return status;
    if (error != NULL) error->code = RFD_E_PROFILE;
    return RFD_E_PROFILE;
}

rfd_status issuing_make(struct keeper *k, const struct issuing *i, struct issued *out, struct rfd_error *error)
{
    struct hand hand = {.issuing = i};
    hand.signature = (struct buf){.data = hand.bytes, .capacity = sizeof hand.bytes, .maximum = sizeof hand.bytes};
    TRY(keeper_authority_ready(i->key, !i->root, error));
    TRY(keeper_journal_ready(k, error));
    TRY(choose(k, i, out, error));
    TRY(explain(issue(i, out, &hand, error), error));
    TRY(inspect(i, out, &hand, error));
    return i->before == NULL ? record(k, i, out, &hand, error) : RFD_OK;
}

void issuing_put_answer(struct buf *answer, const struct issued *made)
{
    message_put_bytes(answer, buf_slice(made->certificate));
    message_put_bytes(answer, made->serial);
    message_put_u32(answer, made->partition);
    message_put_i64(answer, made->time);
}
