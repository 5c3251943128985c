/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/ceremony/record.h"

#include "base/error.h"
#include "base/language.h"
#include "domain/seal_key.h"
#include "pki/certificate/pem.h"

#include <refrenda/sign.h>

enum { CHAIN_MAXIMUM = 1 << 16, RECORD_MAXIMUM = 64 << 20 };

/** The seal's certificate and those above it, as PEM. */
static void put_chain(struct ceremony *c, struct buf *pem)
{
    size_t issuer = plan_issuer(c->plan, c->plan->seal.issuer);
    pem_put(pem, "CERTIFICATE", c->seal_certificate);
    pem_put(pem, "CERTIFICATE", c->issuing[issuer].certificate);
    pem_put(pem, "CERTIFICATE", c->root_certificate);
}

static rfd_status make_stamp(struct ceremony *c, struct rfd_stamp **out, struct rfd_error *error)
{
    struct rfd_stamp_options options = RFD_STAMP_OPTIONS_INIT;
    options.style = RFD_STAMP_TEXT;
    options.look = RFD_LOOK_APPROVAL;
    options.language = c->options->language;
    return rfd_stamp_new(&options, out, error);
}

enum { PAGE_MARGIN = 20 /* millimetres, as the text's */ };

/* Without time stamp: its own service does not run yet. The place is the first free one of the last page. */
static rfd_status sign(struct ceremony *c, struct rfd_key *key, const struct rfd_stamp *stamp, slice document,
                       rfd_bytes *update, struct rfd_error *error)
{
    struct rfd_sign_options options = RFD_SIGN_OPTIONS_INIT;
    struct rfd_place place = RFD_PLACE_INIT;
    place.kind = RFD_PLACE_FREE;
    place.margin = PAGE_MARGIN;
    options.key = key;
    options.level = RFD_LEVEL_B_B;
    options.reason = language_get(c->options->language, N_("Record of the key ceremony"));
    options.location = c->plan->place;
    options.offline = true;
    options.stamp = stamp;
    options.place = &place;
    return rfd_sign_memory(document, &options, update, NULL, error);
}

static rfd_status write_both(struct ceremony *c, slice document, slice update, struct rfd_error *error)
{
    struct buf whole;
    buf_init(&whole, RECORD_MAXIMUM);
    buf_put_slice(&whole, document);
    buf_put_slice(&whole, update);
    rfd_status status = buf_check(&whole, "record", error);
    if (status == RFD_OK) status = ceremony_write(c->home, CEREMONY_RECORD, buf_slice(&whole), error);
    buf_dispose(&whole);
    return status;
}

rfd_status record_seal(struct ceremony *c, slice document, struct rfd_error *error)
{
    struct seal_key *seal = NULL;
    struct rfd_stamp *stamp = NULL;
    rfd_bytes update = {NULL, 0};
    struct buf chain;
    rfd_status status = RFD_OK;
    buf_init(&chain, CHAIN_MAXIMUM);
    put_chain(c, &chain);
    TRY_OUT(buf_check(&chain, "chain", error));
    TRY_OUT(seal_key_open(c->authority.client, "seal", buf_slice(&chain), &seal, error));
    TRY_OUT(make_stamp(c, &stamp, error));
    TRY_OUT(sign(c, seal_key_key(seal), stamp, document, &update, error));
    status = write_both(c, document, slice_bytes(update), error);
out:
    rfd_bytes_free(&update);
    rfd_stamp_free(stamp);
    seal_key_free(seal);
    buf_dispose(&chain);
    return status;
}
