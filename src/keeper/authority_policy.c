/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/authority_policy.h"

#include "base/error.h"
#include "ipc/message.h"

#define PARTITION_MARK SLICE("{partition}")

enum {
    PROFILE_NAME_MAXIMUM = 64,
    CRL_LEAST = 60,             /* seconds */
    CRL_MOST = 400 * 24 * 3600, /* lists of a root that is off line are made once a year */
    APPROVAL_LEAST = 60,
    APPROVAL_MOST = 31 * 24 * 3600,
    INSTANCE_MOST = 0x7F
};

static bool is_profile(slice s)
{
    for (size_t i = 0; i < s.length; i++) {
        uint8_t c = s.data[i];
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') return false;
    }
    return s.length > 0 && s.length <= PROFILE_NAME_MAXIMUM;
}

static size_t find_mark(slice pattern)
{
    for (size_t i = 0; i + PARTITION_MARK.length <= pattern.length; i++) {
        if (slice_starts(slice_from(pattern, i), PARTITION_MARK)) return i;
    }
    return SIZE_MAX;
}

/** http or https, printable ASCII, at most one {partition} and no other braces. */
static bool is_address(slice s, bool may_have_mark)
{
    size_t mark = find_mark(s);
    if (s.length > AUTHORITY_ADDRESS_MAXIMUM) return false;
    if (!slice_starts(s, SLICE("http://")) && !slice_starts(s, SLICE("https://"))) return false;
    if (mark != SIZE_MAX && !may_have_mark) return false;
    for (size_t i = 0; i < s.length; i++) {
        if (i == mark)
            i += PARTITION_MARK.length - 1;
        else if (s.data[i] <= ' ' || s.data[i] >= 0x7F || s.data[i] == '{' || s.data[i] == '}')
            return false;
    }
    return true;
}

static bool is_optional_address(slice s, bool may_have_mark)
{
    return s.length == 0 || is_address(s, may_have_mark);
}

/** What is wrong, NULL when nothing is. */
static const char *find_fault(const struct authority_policy *p)
{
    if (p->profile_count > AUTHORITY_PROFILES_MAXIMUM) return "too many profiles";
    for (size_t i = 0; i < p->profile_count; i++) {
        if (!is_profile(p->profiles[i])) return "a profile's name";
    }
    if (!is_optional_address(p->ocsp, false)) return "the address of OCSP";
    if (!is_optional_address(p->ca_issuers, false)) return "the address of the authority's certificate";
    if (!is_optional_address(p->crl_point, true)) return "the address of the lists";
    if (!is_optional_address(p->freshest, true)) return "the address of the delta lists";
    if (p->freshest.length > 0 && p->crl_point.length == 0) return "delta lists without lists";
    if (p->partitions == 0 || p->partitions > AUTHORITY_PARTITIONS_MAXIMUM) return "the number of partitions";
    if (p->partitions > 1 && find_mark(p->crl_point) == SIZE_MAX) return "partitions without addresses of their own";
    if (p->partitions > 1 && p->freshest.length > 0 && find_mark(p->freshest) == SIZE_MAX)
        return "delta lists of partitions without addresses of their own";
    if (p->crl_seconds < CRL_LEAST || p->crl_seconds > CRL_MOST) return "how long lists hold";
    if (p->approval_seconds < APPROVAL_LEAST || p->approval_seconds > APPROVAL_MOST) return "how long approvals hold";
    if (p->instance == 0 || p->instance > INSTANCE_MOST) return "the instance";
    return NULL;
}

rfd_status authority_policy_write(const struct authority_policy *policy, struct buf *out, struct rfd_error *error)
{
    size_t before = out->length;
    const char *fault = find_fault(policy);
    if (fault != NULL) return error_set(error, RFD_E_ARGUMENT, "policy of an authority: %s", fault);
    message_put_u32(out, (uint32_t)policy->profile_count);
    for (size_t i = 0; i < policy->profile_count; i++) message_put_bytes(out, policy->profiles[i]);
    message_put_bytes(out, policy->ocsp);
    message_put_bytes(out, policy->ca_issuers);
    message_put_bytes(out, policy->crl_point);
    message_put_bytes(out, policy->freshest);
    message_put_u32(out, policy->partitions);
    message_put_u32(out, policy->crl_seconds);
    message_put_u32(out, policy->approval_seconds);
    message_put_u8(out, policy->instance);
    if (out->length - before <= AUTHORITY_POLICY_MAXIMUM) return buf_check(out, "policy of an authority", error);
    out->length = before;
    return error_set(error, RFD_E_ARGUMENT, "policy of an authority: too long");
}

rfd_status authority_policy_read(slice bytes, struct authority_policy *out, struct rfd_error *error)
{
    struct authority_policy p = {.profile_count = 0};
    struct message_reader r = message_read(bytes);
    uint32_t count = message_get_u32(&r);
    if (bytes.length > AUTHORITY_POLICY_MAXIMUM || count > AUTHORITY_PROFILES_MAXIMUM)
        return error_set(error, RFD_E_ARGUMENT, "policy of an authority: too long");
    for (; p.profile_count < count; p.profile_count++)
        p.profiles[p.profile_count] = message_get_text(&r, PROFILE_NAME_MAXIMUM);
    p.ocsp = message_get_text(&r, AUTHORITY_ADDRESS_MAXIMUM);
    p.ca_issuers = message_get_text(&r, AUTHORITY_ADDRESS_MAXIMUM);
    p.crl_point = message_get_text(&r, AUTHORITY_ADDRESS_MAXIMUM);
    p.freshest = message_get_text(&r, AUTHORITY_ADDRESS_MAXIMUM);
    p.partitions = message_get_u32(&r);
    p.crl_seconds = message_get_u32(&r);
    p.approval_seconds = message_get_u32(&r);
    p.instance = message_get_u8(&r);
    if (message_end(&r, "policy", NULL) != RFD_OK)
        return error_set(error, RFD_E_ARGUMENT, "not the policy of an authority");
    const char *fault = find_fault(&p);
    if (fault != NULL) return error_set(error, RFD_E_ARGUMENT, "policy of an authority: %s", fault);
    *out = p;
    return RFD_OK;
}

void authority_policy_address(slice pattern, uint32_t partition, struct buf *out)
{
    size_t mark = find_mark(pattern);
    if (mark == SIZE_MAX) {
        buf_put_slice(out, pattern);
        return;
    }
    buf_put_slice(out, slice_part(pattern, 0, mark));
    buf_put_unsigned(out, partition);
    buf_put_slice(out, slice_from(pattern, mark + PARTITION_MARK.length));
}
