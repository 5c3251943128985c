/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/crl_check.h"

#include "base/error.h"
#include "pki/der.h"
#include "pki/oid.h"

enum { SERIAL_MAXIMUM = 20, REASON_MOST = 10, REASON_UNUSED = 7, REASON_REMOVED = 8, NAME_URI = DER_CONTEXT(6) };

static rfd_status refuse(const char *why, struct rfd_error *error)
{
    return error_set(error, RFD_E_KEY_REFUSED, "list: %s", why);
}

static rfd_status malformed(const char *what, struct rfd_error *error)
{
    return error_set(error, RFD_E_DER, "list: %s", what);
}

/** A positive INTEGER in its shortest form. */
static bool is_number(slice s, size_t maximum)
{
    if (s.length == 0 || s.length > maximum || s.data[0] >= 0x80) return false;
    return s.length == 1 || s.data[0] != 0 || s.data[1] >= 0x80;
}

/** UTCTime to 2049, GeneralizedTime from 2050 (RFC 5280 §5.1.2.4). */
static bool take_time(slice *in, rfd_time *out)
{
    const rfd_time from_2050 = INT64_C(2524608000) * RFD_SECOND;
    struct der_item item;
    if (!der_next(in, &item)) return false;
    if (item.tag != DER_UTC_TIME && item.tag != DER_GENERALIZED_TIME) return false;
    if (!der_time(item.tag, item.content, out)) return false;
    return (item.tag == DER_GENERALIZED_TIME) == (*out >= from_2050);
}

/* ---- Entries ---- */

struct extension {
    enum oid_name id;
    bool critical;
    slice value;
};

static rfd_status take_extension(slice *list, struct extension *out, struct rfd_error *error)
{
    slice in;
    slice id;
    slice yes;
    TRY(der_take(list, DER_SEQUENCE, &in, "extension", error));
    TRY(der_take(&in, DER_OID, &id, "extension", error));
    out->critical = der_take_optional(&in, DER_BOOLEAN, &yes);
    if (out->critical && (yes.length != 1 || yes.data[0] != 0xFF)) return malformed("critical (X.690 §11.1)", error);
    TRY(der_take(&in, DER_OCTET_STRING, &out->value, "extension", error));
    out->id = oid_find(id);
    return der_end_of(in, "extension", error);
}

static rfd_status check_reason(slice value, bool delta, struct rfd_error *error)
{
    slice reason;
    TRY(der_only(value, DER_ENUMERATED, &reason, "reasonCode", error));
    if (reason.length != 1 || reason.data[0] == 0 || reason.data[0] > REASON_MOST || reason.data[0] == REASON_UNUSED)
        return malformed("reasonCode", error);
    return reason.data[0] != REASON_REMOVED || delta ? RFD_OK : refuse("removeFromCRL in a complete list", error);
}

static rfd_status check_entry_extensions(slice list, bool delta, struct rfd_error *error)
{
    unsigned seen = 0;
    if (list.length == 0) return malformed("no extension among extensions", error);
    while (list.length > 0) {
        struct extension e;
        slice date;
        rfd_time since;
        TRY(take_extension(&list, &e, error));
        unsigned bit = e.id == OID_CRL_REASON ? 1 : 2;
        if (e.critical || (e.id != OID_CRL_REASON && e.id != OID_INVALIDITY_DATE) || (seen & bit) != 0)
            return refuse("an entry's extension that is not known, critical or there twice", error);
        seen |= bit;
        if (e.id == OID_CRL_REASON) {
            TRY(check_reason(e.value, delta, error));
            continue;
        }
        TRY(der_only(e.value, DER_GENERALIZED_TIME, &date, "invalidityDate", error));
        if (!der_time(DER_GENERALIZED_TIME, date, &since)) return malformed("invalidityDate", error);
    }
    return RFD_OK;
}

static rfd_status check_entry(slice entry, bool delta, rfd_time latest, struct rfd_error *error)
{
    slice serial;
    slice extensions;
    rfd_time at;
    TRY(der_take(&entry, DER_INTEGER, &serial, "serial number", error));
    if (!is_number(serial, SERIAL_MAXIMUM)) return malformed("serial number", error);
    if (!take_time(&entry, &at)) return malformed("revocationDate", error);
    if (at > latest) return refuse("revoked in the future", error);
    if (der_take_optional(&entry, DER_SEQUENCE, &extensions)) TRY(check_entry_extensions(extensions, delta, error));
    return der_end_of(entry, "entry of the list", error);
}

static rfd_status check_entries(slice entries, bool delta, rfd_time latest, uint64_t *count, struct rfd_error *error)
{
    if (entries.length == 0) return malformed("no entry among entries (RFC 5280 §5.1.2.6)", error);
    for (; entries.length > 0; ++*count) {
        slice entry;
        TRY(der_take(&entries, DER_SEQUENCE, &entry, "entry of the list", error));
        TRY(check_entry(entry, delta, latest, error));
    }
    return RFD_OK;
}

/* ---- Extensions of the list ---- */

struct reading {
    const struct crl_rule *rule;
    struct crl_facts facts;
    slice point;    /* issuingDistributionPoint's value */
    slice freshest; /* freshestCRL's value */
    unsigned seen;
    bool has_number, has_key_id;
};

/** AuthorityKeyIdentifier ::= SEQUENCE { [0] keyIdentifier } and nothing else. */
static rfd_status check_key_id(struct reading *r, const struct extension *e, struct rfd_error *error)
{
    slice in;
    slice id;
    TRY(der_only(e->value, DER_SEQUENCE, &in, "authorityKeyIdentifier", error));
    TRY(der_only(in, DER_CONTEXT(0), &id, "authorityKeyIdentifier", error));
    if (!slice_equal(id, r->rule->key_id)) return refuse("another authority's key", error);
    r->has_key_id = true;
    return RFD_OK;
}

static rfd_status take_number(struct reading *r, const struct extension *e, struct rfd_error *error)
{
    TRY(der_only(e->value, DER_INTEGER, &r->facts.number, "cRLNumber", error));
    r->has_number = is_number(r->facts.number, CRL_CHECK_NUMBER_MAXIMUM);
    return r->has_number ? RFD_OK : malformed("cRLNumber", error);
}

static rfd_status take_base(struct reading *r, const struct extension *e, struct rfd_error *error)
{
    TRY(der_only(e->value, DER_INTEGER, &r->facts.base, "deltaCRLIndicator", error));
    if (!is_number(r->facts.base, CRL_CHECK_NUMBER_MAXIMUM)) return malformed("deltaCRLIndicator", error);
    r->facts.delta = true;
    return RFD_OK;
}

static rfd_status keep_point(struct reading *r, const struct extension *e, struct rfd_error *error)
{
    (void)error;
    r->point = e->value;
    return RFD_OK;
}

static rfd_status keep_freshest(struct reading *r, const struct extension *e, struct rfd_error *error)
{
    (void)error;
    r->freshest = e->value;
    return RFD_OK;
}

static rfd_status check_expired(struct reading *r, const struct extension *e, struct rfd_error *error)
{
    slice date;
    rfd_time since;
    (void)r;
    TRY(der_only(e->value, DER_GENERALIZED_TIME, &date, "expiredCertsOnCRL", error));
    return der_time(DER_GENERALIZED_TIME, date, &since) ? RFD_OK : malformed("expiredCertsOnCRL", error);
}

/* What a list may have, and whether it is critical (RFC 5280 §5.2). */
static const struct {
    enum oid_name id;
    bool critical;
    rfd_status (*take)(struct reading *r, const struct extension *e, struct rfd_error *error);
} known[] = {
    {OID_AUTHORITY_KEY_ID, false, check_key_id}, {OID_CRL_NUMBER, false, take_number},
    {OID_DELTA_CRL_INDICATOR, true, take_base},  {OID_ISSUING_DISTRIBUTION_POINT, true, keep_point},
    {OID_FRESHEST_CRL, false, keep_freshest},    {OID_EXPIRED_CERTS_ON_CRL, false, check_expired},
};
enum { KNOWN = sizeof known / sizeof *known };

static rfd_status take_extensions(struct reading *r, slice list, struct rfd_error *error)
{
    while (list.length > 0) {
        struct extension e;
        size_t i = 0;
        TRY(take_extension(&list, &e, error));
        while (i < KNOWN && known[i].id != e.id) i++;
        if (i == KNOWN || e.critical != known[i].critical || (r->seen & 1U << i) != 0)
            return refuse("an extension that is not known, there twice, or (not) critical", error);
        r->seen |= 1U << i;
        TRY(known[i].take(r, &e, error));
    }
    if (!r->has_key_id || !r->has_number) return refuse("without its key or its number (RFC 5280 §5.2)", error);
    return RFD_OK;
}

/* ---- Which list it is ---- */

/** The partition whose address `address` is. */
static bool partition_of(const struct authority_policy *p, slice address, uint32_t *out)
{
    uint8_t bytes[AUTHORITY_ADDRESS_MAXIMUM + 16];
    for (uint32_t n = 0; n < p->partitions; n++) {
        struct buf b = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
        authority_policy_address(p->crl_point, n, &b);
        if (buf_status(&b) != RFD_OK || !slice_equal(address, buf_slice(&b))) continue;
        *out = n;
        return true;
    }
    return false;
}

/** DistributionPointName: [0] { [0] fullName { [6] address } }, the outer tag taken off already. */
static rfd_status take_address(slice name, slice *address, struct rfd_error *error)
{
    slice full;
    TRY(der_only(name, DER_CONTEXT_CONSTRUCTED(0), &full, "distribution point", error));
    return der_only(full, NAME_URI, address, "distribution point", error);
}

/** IssuingDistributionPoint: the partition's address; users alone, or authorities alone (§5.2.5). */
static rfd_status check_point(struct reading *r, struct rfd_error *error)
{
    const struct authority_policy *p = r->rule->policy;
    slice in = SLICE_EMPTY;
    slice name;
    slice address = SLICE_EMPTY;
    slice users = SLICE_EMPTY;
    slice authorities = SLICE_EMPTY;
    if (r->point.length > 0) TRY(der_only(r->point, DER_SEQUENCE, &in, "issuingDistributionPoint", error));
    if (der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(0), &name)) TRY(take_address(name, &address, error));
    (void)der_take_optional(&in, DER_CONTEXT(1), &users);
    (void)der_take_optional(&in, DER_CONTEXT(2), &authorities);
    TRY(der_end_of(in, "issuingDistributionPoint", error));
    if (users.length > 0 && authorities.length > 0) return refuse("of users alone and of authorities alone", error);
    slice flag = users.length > 0 ? users : authorities;
    if (flag.length > 1 || (flag.length == 1 && flag.data[0] != 0xFF)) return malformed("its scope", error);
    if (address.length == 0 && p->partitions == 1) return RFD_OK;
    if (partition_of(p, address, &r->facts.partition)) return RFD_OK;
    return refuse("of no partition of this authority", error);
}

/** CRLDistributionPoints with one DistributionPoint: where the deltas of this partition are. */
static rfd_status check_freshest(const struct reading *r, struct rfd_error *error)
{
    uint8_t bytes[AUTHORITY_ADDRESS_MAXIMUM + 16];
    struct buf b = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    slice in;
    slice point;
    slice name;
    slice address;
    if (r->freshest.length == 0) return RFD_OK;
    if (r->facts.delta) return refuse("a delta that names deltas", error);
    TRY(der_only(r->freshest, DER_SEQUENCE, &in, "freshestCRL", error));
    TRY(der_only(in, DER_SEQUENCE, &point, "freshestCRL", error));
    TRY(der_only(point, DER_CONTEXT_CONSTRUCTED(0), &name, "freshestCRL", error));
    TRY(take_address(name, &address, error));
    authority_policy_address(r->rule->policy->freshest, r->facts.partition, &b);
    TRY(buf_check(&b, "freshestCRL", error));
    return slice_equal(address, buf_slice(&b)) ? RFD_OK : refuse("another place of its deltas", error);
}

/* ---- The whole ---- */

static rfd_status check_front(const struct reading *r, slice *in, rfd_time now, struct rfd_error *error)
{
    const struct crl_rule *rule = r->rule;
    slice version;
    struct der_item algorithm, issuer;
    rfd_time this_update, next_update;
    TRY(der_take(in, DER_INTEGER, &version, "version", error));
    if (version.length != 1 || version.data[0] != 1) return refuse("not of version 2", error);
    if (!der_next(in, &algorithm) || !slice_equal(algorithm.whole, rule->algorithm))
        return refuse("another signature algorithm", error);
    if (!der_next(in, &issuer) || !slice_equal(issuer.whole, rule->issuer)) return refuse("another issuer", error);
    if (!take_time(in, &this_update) || !take_time(in, &next_update)) return malformed("its times", error);
    if (this_update > now + CRL_CHECK_SKEW * RFD_SECOND || this_update < now - CRL_CHECK_BACKDATED * RFD_SECOND)
        return refuse("thisUpdate is not now", error);
    if (next_update <= this_update || next_update - this_update > rule->policy->crl_seconds * RFD_SECOND)
        return refuse("holds longer than the key's policy allows, or not at all", error);
    return RFD_OK;
}

rfd_status crl_check(const struct crl_rule *rule, slice tbs, rfd_time now, struct crl_facts *out,
                     struct rfd_error *error)
{
    struct reading r = {.rule = rule};
    slice in;
    slice entries = SLICE_EMPTY;
    slice explicit;
    slice extensions;
    TRY(der_only(tbs, DER_SEQUENCE, &in, "TBSCertList", error));
    TRY(check_front(&r, &in, now, error));
    bool any = der_take_optional(&in, DER_SEQUENCE, &entries);
    TRY(der_take(&in, DER_CONTEXT_CONSTRUCTED(0), &explicit, "crlExtensions", error));
    TRY(der_only(explicit, DER_SEQUENCE, &extensions, "crlExtensions", error));
    TRY(der_end_of(in, "TBSCertList", error));
    TRY(take_extensions(&r, extensions, error));
    TRY(check_point(&r, error));
    TRY(check_freshest(&r, error));
    if (any) TRY(check_entries(entries, r.facts.delta, now + CRL_CHECK_SKEW * RFD_SECOND, &r.facts.entries, error));
    *out = r.facts;
    return RFD_OK;
}
