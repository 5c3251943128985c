/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/central/own_key.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/number.h"
#include "domain/account/account.h"
#include "domain/account/token.h"
#include "domain/authority/register.h"
#include "domain/central/conclusion.h"
#include "domain/central/own_key_session.h"
#include "domain/central/preparation.h"
#include "pki/path/path.h"

/* ---- Whose certificate ---- */

/** By the rules of signing in, and of the person who is signed in, and of whom the portal named. */
static rfd_status check_certificate(struct transaction *t, const struct central *c, const struct actor *actor,
                                    const struct signing *s, const struct certificate *certificate,
                                    struct certificate_row *row, const char **why, struct rfd_error *error)
{
    char detail[160];
    int64_t person;
    TRY(certificate_holder(t, c->packs, certificate, row, &person, why, error));
    if (*why != NULL) return RFD_OK;
    if (person == 0 || person != actor->person)
        *why = N_("This certificate is somebody else's: sign with one of your own");
    else if (s->holder.length > 0 && !slice_equal(s->holder, row->subject_id))
        *why = N_("This certificate names another identity document than the one whose signature is asked for");
    else if (!path_purpose_allowed(certificate, PATH_SIGNER, detail))
        *why = N_("This certificate is not for signing");
    return RFD_OK;
}

static rfd_status refused(const char *why, struct rfd_error *error)
{
    return why == NULL ? RFD_OK : error_set(error, RFD_E_FORBIDDEN, "%s", why);
}

/* ---- Preparing ---- */

struct preparing {
    struct preparation p;
    const struct certificate *certificate;
    int64_t registered;
    uint8_t operation[OWN_KEY_OPERATION_SIZE];
    const char *why;
};

static rfd_status read_certificate(struct transaction *t, void *context, struct rfd_error *error)
{
    struct preparing *p = context;
    struct holding holding = {.request = 0};
    buf_reset(&p->p.chain);
    TRY(check_certificate(t, p->p.c, p->p.actor, &p->p.row.s, p->certificate, &holding.row, &p->why, error));
    if (p->why != NULL) return RFD_OK;
    p->registered = holding.row.id;
    holding.row.der = p->certificate->der; /* the register may know its number alone */
    return holding_chain(t, &holding, &p->p.chain, error);
}

static rfd_status keep(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct preparing *p = context;
    const struct preparation_key key = {.credential = SLICE(""),
                                        .certificate = p->registered,
                                        .operation = slice_of(p->operation, sizeof p->operation),
                                        .text = SLICE("")};
    return preparation_keep(t, &p->p, &key, error);
}

static rfd_status put_document(const struct preparing *p, size_t i, struct own_key_prepared *out,
                               struct own_key_document *d, struct rfd_error *error)
{
    struct own_key_session session;
    d->place = p->p.row.s.documents[i].place;
    d->failure = p->p.failures[i];
    if (d->failure.length > 0) return RFD_OK;
    TRY(own_key_session_read(p->p.sessions[i], p->p.a, &session, error));
    d->attributes = session.attributes;
    d->digest = session.digest;
    d->size = session.size;
    d->hole_offset = session.hole_offset;
    d->hole_length = session.hole_length;
    out->algorithm = session.algorithm;
    return RFD_OK;
}

/** Of what was signed before there is nothing more to sign. */
static rfd_status put_all(const struct preparing *p, struct own_key_prepared *out, struct rfd_error *error)
{
    size_t count = p->p.row.s.count;
    *out = (struct own_key_prepared){.algorithm = "", .documents = arena_zeroed(p->p.a, count, sizeof *out->documents)};
    if (out->documents == NULL) return arena_failed(p->p.a, error);
    memcpy(out->operation, p->operation, sizeof out->operation);
    for (size_t i = 0; i < count; i++) {
        if (p->p.row.s.documents[i].result.length > 0) continue;
        TRY(put_document(p, i, out, &out->documents[out->count], error));
        out->count++;
    }
    return RFD_OK;
}

rfd_status own_key_prepare(const struct central *c, const struct actor *actor, struct arena *a, slice token,
                           slice certificate, struct own_key_prepared *out, const char **why, struct rfd_error *error)
{
    struct preparing p = {.registered = 0};
    bool kept = false;
    rfd_status status = RFD_OK;
    *why = NULL;
    preparation_init(&p.p, c, actor, a, token);
    TRY_OUT(preparation_open(&p.p, error));
    if (certificate.length > OWN_KEY_CERTIFICATE_MAXIMUM ||
        certificate_parse(certificate, &p.certificate, NULL) != RFD_OK)
        p.why = N_("This is no certificate");
    else
        TRY_OUT(store_read(c->store, read_certificate, &p, error));
    TRY_OUT(refused(p.why, error));
    TRY_OUT(preparation_make(&p.p, error));
    TRY_OUT(token_random(p.operation, sizeof p.operation, error));
    central_forget(c, p.p.row.operation); /* where the other way was begun before */
    TRY_OUT(store_write(c->store, keep, &p, error));
    kept = true;
    status = put_all(&p, out, error);
out:
    *why = p.why;
    preparation_dispose(&p.p, kept);
    certificate_unref(p.certificate);
    return status;
}

/* ---- What is prepared, to be looked at ---- */

struct looking {
    const struct central *c;
    const struct actor *actor;
    struct arena *a;
    slice token;
    unsigned place;
    const char *path;
};

static rfd_status find_file(struct transaction *t, void *context, struct rfd_error *error)
{
    struct looking *l = context;
    struct signing_row row;
    TRY(signing_load(t, l->token, 0, clock_now(), &row, error));
    TRY(signing_check_owner(&row.s, l->actor, error));
    if (row.s.state != SIGNING_PREPARED || !row.s.own_key || l->place == 0 || l->place > row.s.count ||
        row.prepared[l->place - 1].length == 0)
        return error_set(error, RFD_E_NOT_FOUND, "no such document is prepared");
    l->path = spool_path(l->c, row.prepared[l->place - 1], l->a);
    return l->path == NULL ? arena_failed(l->a, error) : RFD_OK;
}

rfd_status own_key_file(const struct central *c, const struct actor *actor, struct arena *a, slice token,
                        unsigned place, const char **path, struct rfd_error *error)
{
    struct looking l = {.c = c, .actor = actor, .a = a, .token = token, .place = place};
    TRY(actor_check(actor, ACTION_CENTRAL_SIGN, NULL, error));
    if (token.length == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such operation");
    TRY(store_read(c->store, find_file, &l, error));
    *path = l.path;
    return RFD_OK;
}

/* ---- Signing ---- */

struct given {
    const struct own_key_signature *signatures;
    size_t count;
    slice asker;
    const char *why;
    slice certificate; /* DER: that it was prepared for, and may sign at this moment */
};

static rfd_status find_asker(struct transaction *t, const struct conclusion *w, slice *out, struct rfd_error *error)
{
    struct portal portal;
    *out = slice_text(w->c->settings->web.name);
    if (w->row.s.portal == 0) return RFD_OK;
    TRY(portal_find(t, w->row.s.portal, &portal, error));
    *out = portal.name;
    return RFD_OK;
}

/** That of the first document that waits; those of the others have to be the same. */
static rfd_status find_certificate(const struct conclusion *w, slice *out, struct rfd_error *error)
{
    struct own_key_session session;
    for (size_t i = 0; i < w->row.s.count; i++) {
        if (!conclusion_is_due(w, i)) continue;
        TRY(own_key_session_read(w->row.sessions[i], w->a, &session, error));
        *out = session.certificate;
        return RFD_OK;
    }
    return error_set(error, RFD_E_STATE, "there is nothing left to sign");
}

static rfd_status check_again(struct transaction *t, const struct conclusion *w, struct given *g,
                              struct rfd_error *error)
{
    const struct certificate *certificate = NULL;
    struct certificate_row row;
    TRY(certificate_parse(g->certificate, &certificate, error));
    rfd_status status = check_certificate(t, w->c, w->actor, &w->row.s, certificate, &row, &g->why, error);
    certificate_unref(certificate);
    TRY(status);
    TRY(refused(g->why, error));
    return row.id == w->row.certificate ? RFD_OK : error_set(error, RFD_E_HASH_NOT_AUTHORISED, "the certificate");
}

/** Whether it was prepared in this way, and the certificate still may sign it. */
static rfd_status check_way(struct transaction *t, struct conclusion *w, void *context, struct rfd_error *error)
{
    struct given *g = context;
    if (!w->row.s.own_key) return error_set(error, RFD_E_ACTIVATION_ENDED, "it was prepared for another key since");
    TRY(find_asker(t, w, &g->asker, error));
    TRY(store_keep(w->a, &g->asker, error));
    TRY(find_certificate(w, &g->certificate, error));
    return check_again(t, w, g, error);
}

static const struct own_key_signature *find_signature(const struct given *g, unsigned place)
{
    const struct own_key_signature *found = NULL;
    for (size_t k = 0; k < g->count; k++) {
        if (g->signatures[k].place != place) continue;
        if (found != NULL) return NULL; /* which of them would it be? */
        found = &g->signatures[k];
    }
    return found;
}

/** The signature is one of exactly the attributes that were prepared, by the certificate that was checked. */
static rfd_status check_signature(const struct conclusion *w, struct given *g, size_t i, slice signature,
                                  struct rfd_error *error)
{
    struct own_key_session session;
    TRY(own_key_session_read(w->row.sessions[i], w->a, &session, error));
    if (!slice_equal(session.certificate, g->certificate)) return conclusion_differs(w, i, "the certificate", error);
    bool right = signature.length > 0 && signature.length <= OWN_KEY_SIGNATURE_MAXIMUM &&
                 own_key_session_verify(w->row.sessions[i], signature, NULL) == RFD_OK;
    if (right) return RFD_OK;
    g->why = N_("A signature is not one of what was prepared, with this certificate: nothing was signed");
    return conclusion_differs(w, i, "the signature", error);
}

static rfd_status take_document(struct conclusion *w, struct given *g, size_t i, struct rfd_error *error)
{
    const struct signing_document *d = &w->row.s.documents[i];
    const struct own_key_signature *given = find_signature(g, d->place);
    uint8_t shown[OPERATION_HASH_SIZE];
    if (given == NULL) {
        g->why = N_("The signature of a document is missing: nothing was signed");
        return conclusion_differs(w, i, "the signature", error);
    }
    if (d->blob.length != 2 * sizeof shown || !number_hex(d->blob, shown))
        return conclusion_differs(w, i, "the content", error);
    TRY(conclusion_check_shown(w, i, shown, d->title, error));
    TRY(check_signature(w, g, i, given->signature, error));
    w->signatures[w->count] = given->signature;
    w->index[w->count++] = i;
    return RFD_OK;
}

static rfd_status sign(struct conclusion *w, void *context, struct rfd_error *error)
{
    struct given *g = context;
    w->asker = g->asker;
    w->signatures = arena_zeroed(w->a, w->row.s.count + 1, sizeof *w->signatures);
    if (w->signatures == NULL) return arena_failed(w->a, error);
    for (size_t i = 0; i < w->row.s.count; i++)
        if (conclusion_is_due(w, i)) TRY(take_document(w, g, i, error));
    return RFD_OK;
}

rfd_status own_key_sign(const struct central *c, const struct actor *actor, struct arena *a, slice token,
                        slice operation, const struct own_key_signature *signatures, size_t count, struct signing *out,
                        const char **why, struct rfd_error *error)
{
    struct given g = {.signatures = signatures, .count = count};
    const struct conclusion_way way = {.check = check_way, .sign = sign, .context = &g};
    rfd_status status = conclusion_run(c, actor, a, token, operation, &way, out, error);
    *why = status == RFD_OK ? NULL : g.why;
    return status;
}
