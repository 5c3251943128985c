/* SPDX-License-Identifier: EUPL-1.2
 *
 * A verification as JSON: docs/verification.schema.json describes every key. Unknown times are null, unknown texts are
 * empty, and no key is ever missing.
 */
#include "pades/verify/findings.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "pades/json_bytes.h"

#include <jansson.h>

enum { FORMAT_VERSION = 1 };
#define JSON_MAXIMUM ((size_t)256 << 20)

/* Names of enumerations, in the order of refrenda/verify.h and refrenda/sign.h. */
static const char *const severities[] = {"info", "warning", "error"};
static const char *const kinds[] = {"approval", "endorsement", "certification", "document-timestamp"};
static const char *const changes[] = {"none", "lta", "form", "annotation", "other"};
static const char *const levels[] = {"B-B", "B-T", "B-LT", "B-LTA"};
static const char *const proofs[] = {"none", "signature-timestamp", "document-timestamp"};
static const char *const revocations[] = {"unknown", "good", "revoked", "on-hold", "not-needed"};

/* --- Values; NULL when there is no memory, which json_object_set_new() passes on -------------------------------- */

static json_t *repaired(slice s)
{
    struct buf text;
    buf_init(&text, JSON_MAXIMUM);
    while (s.length > 0) text_put_utf8(&text, text_next(&s));
    json_t *value = text.status == RFD_OK ? json_stringn((const char *)text.data, text.length) : NULL;
    buf_dispose(&text);
    return value;
}

/* Text of strangers may be no UTF-8, which JSON must be (RFC 8259 §8.1). */
static json_t *text(const char *s)
{
    slice bytes = slice_text(s == NULL ? "" : s);
    return text_is_utf8(bytes) ? json_stringn((const char *)bytes.data, bytes.length) : repaired(bytes);
}

static json_t *moment(rfd_time t)
{
    char iso[CLOCK_TEXT_SIZE];
    return t == RFD_TIME_NONE ? json_null() : json_string(clock_iso(t, iso));
}

static json_t *number(uint64_t n)
{
    return json_integer((json_int_t)n);
}

struct member {
    const char *key;
    json_t *value; /* taken over */
};

/* An object of these members; NULL when one of them could not be made. */
static json_t *object(const struct member *members, size_t count)
{
    json_t *made = json_object();
    bool good = made != NULL;
    for (size_t i = 0; i < count; i++) {
        if (good)
            good = json_object_set_new(made, members[i].key, members[i].value) == 0;
        else
            json_decref(members[i].value);
    }
    if (good) return made;
    json_decref(made);
    return NULL;
}

/* --- Parts of the report ----------------------------------------------------------------------------------------- */

static json_t *finding(const struct rfd_finding *f)
{
    const struct member members[] = {
        {"code", text(rfd_finding_name(f->code))},
        {"severity", text(severities[f->severity])},
        {"family", text(rfd_finding_family(f->code))},
        {"message", text(rfd_finding_message(f->code))},
        {"object", number(f->object)},
        {"revision", number(f->revision)},
        {"detail", text(f->detail)},
    };
    return object(members, sizeof members / sizeof members[0]);
}

static json_t *certificate(const struct rfd_certificate_report *c)
{
    const struct member members[] = {
        {"subject", text(c->subject)},
        {"issuer", text(c->issuer)},
        {"serial", text(c->serial)},
        {"fingerprint", text(c->fingerprint)},
        {"key", text(c->key)},
        {"not_before", moment(c->not_before)},
        {"not_after", moment(c->not_after)},
        {"anchor", json_boolean(c->anchor)},
        {"revocation", text(revocations[c->revocation])},
        {"revocation_source", text(c->revocation_source)},
        {"revoked_at", moment(c->revoked_at)},
        {"this_update", moment(c->this_update)},
        {"next_update", moment(c->next_update)},
        {"revocation_detail", text(c->revocation_detail)},
    };
    return object(members, sizeof members / sizeof members[0]);
}

static bool append(json_t *array, json_t *value)
{
    return json_array_append_new(array, value) == 0;
}

static json_t *findings_array(const struct rfd_finding *findings, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; array != NULL && i < count; i++) {
        if (append(array, finding(&findings[i]))) continue;
        json_decref(array);
        array = NULL;
    }
    return array;
}

static json_t *path_array(const struct rfd_certificate_report *path, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; array != NULL && i < count; i++) {
        if (append(array, certificate(&path[i]))) continue;
        json_decref(array);
        array = NULL;
    }
    return array;
}

static json_t *timestamp_object(const struct rfd_timestamp_report *t)
{
    const struct member members[] = {
        {"time", moment(t->time)},
        {"valid", json_boolean(t->valid)},
        {"digest", text(t->digest)},
        {"detail", text(t->detail)},
        {"path", path_array(t->path, t->path_count)},
    };
    return object(members, sizeof members / sizeof members[0]);
}

static json_t *timestamps_array(const struct rfd_signature_report *s)
{
    json_t *array = json_array();
    for (size_t i = 0; array != NULL && i < s->timestamp_count; i++) {
        if (append(array, timestamp_object(&s->timestamps[i]))) continue;
        json_decref(array);
        array = NULL;
    }
    return array;
}

static json_t *signature(const struct rfd_signature_report *s)
{
    const struct member members[] = {
        {"field", text(s->field)},
        {"kind", text(kinds[s->kind])},
        {"certification", json_integer(s->certification)},
        {"indication", text(rfd_indication_name(s->indication))},
        {"sub_indication", text(rfd_sub_indication_name(s->sub_indication))},
        {"signer", text(s->signer)},
        {"sub_filter", text(s->sub_filter)},
        {"reason", text(s->reason)},
        {"location", text(s->location)},
        {"contact", text(s->contact)},
        {"name", text(s->name)},
        {"claimed_time", moment(s->claimed_time)},
        {"proven_time", moment(s->proven_time)},
        {"best_time", moment(s->best_time)},
        {"best_proof", text(proofs[s->best_proof])},
        {"best_proof_field", text(s->best_proof_field)},
        {"control_time", moment(s->control_time)},
        {"intact", json_boolean(s->intact)},
        {"covers_whole_file", json_boolean(s->covers_whole_file)},
        {"revision", number(s->revision)},
        {"changes", text(changes[s->changes])},
        {"changes_allowed", json_boolean(s->changes_allowed)},
        {"level", text(levels[s->level])},
        {"baseline", json_boolean(s->baseline)},
        {"digest_algorithm", text(s->digest_algorithm)},
        {"signature_algorithm", text(s->signature_algorithm)},
        {"path", path_array(s->path, s->path_count)},
        {"timestamps", timestamps_array(s)},
        {"findings", findings_array(s->findings, s->finding_count)},
    };
    return object(members, sizeof members / sizeof members[0]);
}

static json_t *signatures_array(const struct rfd_verification *v)
{
    json_t *array = json_array();
    for (size_t i = 0; array != NULL && i < rfd_verification_count(v); i++) {
        if (append(array, signature(rfd_verification_signature(v, i)))) continue;
        json_decref(array);
        array = NULL;
    }
    return array;
}

static json_t *whole(const struct rfd_verification *v, const char *name)
{
    const struct member members[] = {
        {"version", json_integer(FORMAT_VERSION)},
        {"file", text(name)},
        {"time", moment(rfd_verification_time(v))},
        {"revisions", number(rfd_verification_revision_count(v))},
        {"indication", text(rfd_indication_name(rfd_verification_indication(v)))},
        {"findings", findings_array(rfd_verification_finding(v, 0), rfd_verification_finding_count(v))},
        {"signatures", signatures_array(v)},
    };
    return object(members, sizeof members / sizeof members[0]);
}

/* --- Writing ----------------------------------------------------------------------------------------------------- */

rfd_status rfd_verification_json(const struct rfd_verification *v, const char *name, rfd_bytes *out,
                                 struct rfd_error *error)
{
    return json_bytes(whole(v, name), 0, out, error);
}
