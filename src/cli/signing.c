/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/signing.h"

#include "base/error.h"
#include "cli/credentials.h"

static void fill_options(const struct arguments *a, struct signing *s)
{
    struct rfd_sign_options *o = &s->options;
    o->key = s->key;
    o->trust = s->trust;
    o->level = a->level < 0 ? RFD_LEVEL_B_B : (enum rfd_level)a->level;
    o->tsa_url = a->tsa;
    o->field = a->field;
    o->reason = a->reason;
    o->location = a->location;
    o->contact = a->contact;
    o->name = a->name;
    o->certify = a->certify + 1;
    o->lock = s->lock.kind;
    o->lock_fields = s->lock.names;
    o->digest = (enum rfd_digest)(a->digest + 1);
    o->pss = a->pss;
    o->require_trust = a->require_trust;
    o->offline = a->offline;
    o->repair = a->repair;
    o->replace = a->force;
    o->document_password = secret_slice(&s->document_password);
    o->stamp = s->stamp.stamp;
    o->place = s->stamp.stamp == NULL ? NULL : &s->stamp.place;
}

rfd_status signing_read(const struct arguments *a, enum signing_needs needs, struct signing *out,
                        struct rfd_error *error)
{
    *out = (struct signing){.options = RFD_SIGN_OPTIONS_INIT};
    rfd_status status;
    TRY_OUT(lock_parse(a->lock, &out->lock, error));
    TRY_OUT(stamp_parse(a, &out->stamp, error));
    TRY_OUT(credentials_document(a, &out->document_password, error));
    TRY_OUT(credentials_trust(a, &out->trust, error));
    if (needs == SIGNING_WITH_KEY && a->csc == NULL) TRY_OUT(credentials_key(a, &out->key, error));
    fill_options(a, out);
out:
    if (status != RFD_OK) signing_dispose(out);
    return status;
}

void signing_dispose(struct signing *s)
{
    stamp_dispose(&s->stamp);
    lock_dispose(&s->lock);
    secret_dispose(&s->document_password);
    rfd_key_free(s->key);
    rfd_trust_free(s->trust);
    *s = (struct signing){0};
}
