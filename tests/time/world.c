/* SPDX-License-Identifier: EUPL-1.2 */
#include "world.h"

#include "../unit/pki_fixture.h"
#include "base/clock.h"

enum { EXTENSION_SIZE = 96 };
#define DAY (86400 * RFD_SECOND)

void world_stop(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s failed\n", file, line, what);
    abort();
}

/* One page without content and a classical cross-reference table. */
static void put_document(struct buf *b)
{
    static const char *const objects[] = {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                                          "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>"};
    size_t offsets[3];
    buf_put_text(b, "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
    for (size_t i = 0; i < 3; i++) {
        offsets[i] = b->length;
        buf_print(b, "%zu 0 obj\n%s\nendobj\n", i + 1, objects[i]);
    }
    size_t xref = b->length;
    buf_put_text(b, "xref\n0 4\n0000000000 65535 f \n");
    for (size_t i = 0; i < 3; i++) buf_print(b, "%010zu 00000 n \n", offsets[i]);
    buf_print(b, "trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", xref);
    WORLD_NEED(b->status == RFD_OK);
}

void world_begin(struct world *w)
{
    memset(w, 0, sizeof *w);
    w->fetcher = (struct rfd_fetcher){.context = w, .fetch = world_fetch};
    buf_init(&w->document, (size_t)1 << 26);
    put_document(&w->document);
}

void world_end(struct world *w)
{
    for (size_t i = 0; i < w->count; i++) made_free(&w->members[i].made);
    buf_dispose(&w->document);
    clock_fix(RFD_TIME_NONE);
}

void world_set_time(struct world *w, rfd_time moment)
{
    w->now = moment;
    clock_fix(moment);
}

struct member *world_find(struct world *w, const char *name)
{
    for (size_t i = w->count; i-- > 0;) {
        if (strcmp(w->members[i].name, name) == 0) return &w->members[i];
    }
    world_stop(__FILE__, __LINE__, name);
}

/* --- Making members ---------------------------------------------------------------------------------------------- */

/* Where to ask about what `issuer` issued: by its place in the world, since names are used again. */
static void point_to_issuer(struct world *w, const struct member_wish *wish, char text[2][EXTENSION_SIZE],
                            struct make *make, size_t *count)
{
    const struct member *issuer = world_find(w, wish->issuer);
    bool ocsp = !issuer->no_ocsp && (wish->kind != MEMBER_RESPONDER || wish->asks_itself);
    size_t place = (size_t)(issuer - w->members);
    (void)snprintf(text[0], EXTENSION_SIZE, "authorityInfoAccess=OCSP;URI:http://ocsp.example/%zu", place);
    (void)snprintf(text[1], EXTENSION_SIZE, "crlDistributionPoints=URI:http://crl.example/%zu", place);
    if (ocsp) make->extensions[(*count)++] = text[0];
    if (!issuer->no_crl) make->extensions[(*count)++] = text[1];
}

static const char *const usages[][2] = {
    [MEMBER_AUTHORITY] = {"keyUsage=critical,keyCertSign,cRLSign,digitalSignature",
                          "basicConstraints=critical,CA:TRUE"},
    [MEMBER_PERSON] = {"keyUsage=critical,nonRepudiation", NULL},
    [MEMBER_CLOCK] = {"keyUsage=critical,digitalSignature", "extendedKeyUsage=critical,timeStamping"},
    [MEMBER_RESPONDER] = {"keyUsage=critical,digitalSignature", "extendedKeyUsage=OCSPSigning"},
};

struct member *world_add(struct world *w, const struct member_wish *wish)
{
    WORLD_NEED(w->count < MEMBERS_MAXIMUM);
    struct member *issuer = wish->issuer == NULL ? NULL : world_find(w, wish->issuer);
    struct member *m = &w->members[w->count];
    char pointers[2][EXTENSION_SIZE];
    struct make make = {.name = wish->name,
                        .from = wish->from,
                        .to = wish->to,
                        .digest = wish->digest,
                        .rsa_bits = wish->rsa_bits,
                        .issuer = issuer == NULL ? NULL : &issuer->made};
    size_t count = 0;
    make.extensions[count++] = "subjectKeyIdentifier=hash";
    make.extensions[count++] = usages[wish->kind][0];
    if (usages[wish->kind][1] != NULL) make.extensions[count++] = usages[wish->kind][1];
    if (wish->nocheck) make.extensions[count++] = "noCheck=yes";
    if (issuer != NULL) {
        make.extensions[count++] = "authorityKeyIdentifier=keyid";
        if (!wish->nocheck) point_to_issuer(w, wish, pointers, &make, &count);
    }
    *m = (struct member){.kind = wish->kind,
                         .issuer = issuer == NULL ? m : issuer,
                         .made = made_new(&make),
                         .no_ocsp = wish->no_ocsp,
                         .no_crl = wish->no_crl,
                         .remembers = wish->remembers,
                         .period = 7 * DAY,
                         .closed = RFD_TIME_NONE,
                         .frozen = RFD_TIME_NONE,
                         .revoked_known = RFD_TIME_NONE,
                         .invalid_from = RFD_TIME_NONE,
                         .released = RFD_TIME_NONE};
    (void)snprintf(m->name, sizeof m->name, "%s", wish->name);
    w->count++;
    return m;
}

struct rfd_trust *world_trust(const struct world *w)
{
    struct rfd_trust *trust;
    WORLD_NEED(rfd_trust_new(&trust, NULL) == RFD_OK);
    for (size_t i = 0; i < w->count; i++) {
        const struct member *m = &w->members[i];
        if (m->issuer != m) continue;
        WORLD_NEED(rfd_trust_add_anchors(trust, m->made.certificate->der, NULL) == RFD_OK);
    }
    return trust;
}

struct rfd_key *world_key(const struct member *m)
{
    struct rfd_key *key;
    made_write(&m->made, "signer.pem", "signer.key");
    WORLD_NEED(rfd_key_open_pem(folder_file("signer.key"), folder_file("signer.pem"), NULL, SLICE_EMPTY, &key, NULL) ==
               RFD_OK);
    for (const struct member *i = m->issuer; i->issuer != i; i = i->issuer) {
        WORLD_NEED(rfd_key_add_chain(key, i->made.certificate->der, NULL) == RFD_OK);
    }
    return key;
}

bool member_is_revoked(const struct member *about, rfd_time at)
{
    return about->revoked_known != RFD_TIME_NONE && about->revoked_known <= at &&
           (about->released == RFD_TIME_NONE || at < about->released);
}
