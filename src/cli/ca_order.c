/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/ca_order.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/output.h"
#include "cli/credentials.h"
#include "keeper/approval_sign.h"
#include "keeper/key_material.h"
#include "pki/authority/request.h"
#include "pki/certificate/pem.h"
#include "pki/keys/key.h"
#include "pki/keys/pkcs12_write.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>

enum { FILE_MAXIMUM = 1 << 17, NUMBER_OCTETS = 16, SPKI_MAXIMUM = 2048 };

/* --- The key ----------------------------------------------------------------------------------------------------- */

static rfd_status make_key(const struct arguments *a, struct ca_home *home, struct ca_order *order,
                           struct rfd_error *error)
{
    static const enum key_algorithm kinds[] = {KEY_ALGORITHM_P256, KEY_ALGORITHM_P384, KEY_ALGORITHM_RSA_2048,
                                               KEY_ALGORITHM_RSA_3072, KEY_ALGORITHM_RSA_4096};
    struct buf spki;
    TRY(key_material_generate(kinds[a->new_key], &order->new_key, error));
    buf_init(&spki, SPKI_MAXIMUM);
    rfd_status status = key_material_put_public(order->new_key, &spki, error);
    if (status == RFD_OK) order->spki = arena_copy(&home->arena, buf_slice(&spki));
    buf_dispose(&spki);
    if (status == RFD_OK && order->spki.data == NULL) status = arena_failed(&home->arena, error);
    return status;
}

/** The DER of a PEM or DER file, in the arena. */
static rfd_status read_der(const char *path, struct ca_home *home, slice *out, struct rfd_error *error)
{
    struct buf der;
    buf_init(&der, FILE_MAXIMUM);
    rfd_status status = ca_read_object(path, FILE_MAXIMUM, &der, error);
    if (status == RFD_OK) *out = arena_copy(&home->arena, buf_slice(&der));
    if (status == RFD_OK && out->data == NULL) status = arena_failed(&home->arena, error);
    buf_dispose(&der);
    return status;
}

static rfd_status take_request(const struct arguments *a, struct ca_home *home, struct ca_order *order,
                               struct rfd_error *error)
{
    struct request request;
    slice der;
    TRY(read_der(a->request, home, &der, error));
    TRY(request_parse(der, &request, error));
    TRY(request_verify(&request, &KEY_RULES_USUAL, error));
    order->spki = request.spki;
    return RFD_OK;
}

rfd_status ca_order_key(const struct arguments *a, struct ca_home *home, struct ca_order *order,
                        struct rfd_error *error)
{
    if ((a->request == NULL) == (a->new_key < 0))
        return error_set(error, RFD_E_ARGUMENT, "give --request or --new-key, one of them");
    if (a->output == NULL && a->write_approval == NULL) return error_set(error, RFD_E_ARGUMENT, "give a file with -o");
    if (a->new_key >= 0 && (a->approval.count > 0 || a->write_approval != NULL))
        return error_set(error, RFD_E_ARGUMENT,
                         "an approval that is signed elsewhere is for a key that is there: --request");
    return a->request != NULL ? take_request(a, home, order, error) : make_key(a, home, order, error);
}

/* --- What is approved -------------------------------------------------------------------------------------------- */

static rfd_status take_number(const struct arguments *a, struct ca_home *home, struct ca_order *order,
                              struct rfd_error *error)
{
    uint8_t random[NUMBER_OCTETS];
    struct buf hex;
    if (a->request_number != NULL) {
        order->text.request = slice_text(a->request_number);
        return RFD_OK;
    }
    if (RAND_bytes(random, sizeof random) != 1) return error_set(error, RFD_E_INTERNAL, "no random numbers");
    buf_init(&hex, 2 * NUMBER_OCTETS);
    buf_put_hex(&hex, slice_of(random, sizeof random), false);
    order->text.request = arena_copy(&home->arena, buf_slice(&hex));
    buf_dispose(&hex);
    return order->text.request.data == NULL ? arena_failed(&home->arena, error) : RFD_OK;
}

static rfd_status hash_keys(struct ca_order *order, struct rfd_error *error)
{
    const struct certificate *ca = NULL;
    TRY(certificate_parse(order->authority.certificate, &ca, error));
    rfd_status status = digest_of(DIGEST_SHA256, ca->spki, order->text.authority, error);
    certificate_unref(ca);
    if (status == RFD_OK) status = digest_of(DIGEST_SHA256, order->spki, order->text.key, error);
    return status;
}

rfd_status ca_order_text(const struct arguments *a, struct ca_home *home, struct ca_order *order, slice *out,
                         struct rfd_error *error)
{
    struct buf text;
    order->text.profile = slice_text(order->profile->profile.name);
    order->text.time = clock_now() / RFD_SECOND * RFD_SECOND;
    if (a->mobile != NULL) order->text.mobile = slice_text(a->mobile);
    TRY(take_number(a, home, order, error));
    TRY(hash_keys(order, error));
    buf_init(&text, APPROVAL_MAXIMUM);
    rfd_status status = approval_write(&order->text, &text, error);
    if (status == RFD_OK) *out = arena_copy(&home->arena, buf_slice(&text));
    buf_dispose(&text);
    if (status == RFD_OK && out->data == NULL) status = arena_failed(&home->arena, error);
    return status;
}

/* --- Approving --------------------------------------------------------------------------------------------------- */

static rfd_status sign_here(const struct arguments *a, struct ca_home *home, struct ca_order *order, slice text,
                            struct rfd_error *error)
{
    struct rfd_key *key = NULL;
    struct buf approval;
    TRY(credentials_key(a, &key, error));
    buf_init(&approval, APPROVAL_SIGNED_MAXIMUM);
    rfd_status status = approval_sign(key, text, &approval, error);
    if (status == RFD_OK) {
        order->approvals[0] = arena_copy(&home->arena, buf_slice(&approval));
        order->approval_count = 1;
        if (order->approvals[0].data == NULL) status = arena_failed(&home->arena, error);
    }
    buf_dispose(&approval);
    rfd_key_free(key);
    return status;
}

rfd_status ca_order_approve(const struct arguments *a, struct ca_home *home, struct ca_order *order, slice text,
                            struct rfd_error *error)
{
    if (a->approval.count > APPROVALS_MAXIMUM) return error_set(error, RFD_E_ARGUMENT, "--approval is given too often");
    if (a->approval.count == 0) return sign_here(a, home, order, text, error);
    for (size_t i = 0; i < a->approval.count; i++)
        TRY(read_der(a->approval.items[i], home, &order->approvals[i], error));
    order->approval_count = a->approval.count;
    return RFD_OK;
}

/* --- The result -------------------------------------------------------------------------------------------------- */

enum { CHAIN_MAXIMUM = 4 };
struct chain {
    const struct certificate *items[CHAIN_MAXIMUM];
    size_t count;
};

/** The certificate's authority and those above it. */
static rfd_status read_chain(struct ca_home *home, const struct ca_order *order, struct chain *out,
                             struct rfd_error *error)
{
    struct authority_list list;
    int64_t id = order->authority.id;
    TRY(authority_list(&home->domain, &home->arena, &list, error));
    for (size_t i = 0; id != 0 && i < list.count && out->count < CHAIN_MAXIMUM; i++) {
        if (list.items[i].id != id) continue;
        TRY(certificate_parse(list.items[i].certificate, &out->items[out->count], error));
        out->count++;
        id = list.items[i].parent;
        i = SIZE_MAX; /* from the first again */
    }
    return RFD_OK;
}

static void put_pem_chain(struct buf *out, slice own, const struct chain *chain)
{
    pem_put(out, "CERTIFICATE", own);
    for (size_t i = 0; i < chain->count; i++) {
        if (!chain->items[i]->self_issued) pem_put(out, "CERTIFICATE", chain->items[i]->der);
    }
}

static rfd_status new_password(const struct arguments *a, struct secret *out, struct rfd_error *error)
{
    if (a->new_pass_file != NULL) return secret_read_file(out, a->new_pass_file, error);
    return secret_prompt(out, tr(N_("Password for the new PKCS#12 file")), error);
}

static rfd_status put_pkcs12(const struct arguments *a, struct ca_home *home, const struct ca_order *order,
                             const struct certificate_row *row, const struct chain *chain, struct buf *out,
                             struct rfd_error *error)
{
    const struct certificate *own = NULL;
    struct secret password = {0};
    char text[MASTER_SECRET_MAXIMUM];
    TRY(new_password(a, &password, error));
    slice bytes = secret_slice(&password);
    rfd_status status = certificate_parse(row->der, &own, error);
    if (status == RFD_OK && bytes.length >= sizeof text)
        status = error_set(error, RFD_E_LIMIT, "the password is too long");
    if (status == RFD_OK) {
        memcpy(text, bytes.data, bytes.length);
        text[bytes.length] = '\0';
        const struct pkcs12_content content = {
            order->new_key, own, chain->items, chain->count, text, ca_text(&home->arena, row->subject), a->legacy};
        status = pkcs12_write(&content, out, error);
        secret_wipe(text, sizeof text);
    }
    certificate_unref(own);
    secret_dispose(&password);
    return status;
}

rfd_status ca_order_write(const struct arguments *a, struct ca_home *home, const struct ca_order *order,
                          const struct certificate_row *row, struct rfd_error *error)
{
    struct chain chain = {.count = 0};
    struct buf out;
    buf_init_secret(&out, FILE_MAXIMUM);
    mode_t before = umask(order->new_key != NULL ? 077 : 022);
    rfd_status status = read_chain(home, order, &chain, error);
    if (status == RFD_OK && order->new_key != NULL)
        status = put_pkcs12(a, home, order, row, &chain, &out, error);
    else if (status == RFD_OK)
        put_pem_chain(&out, row->der, &chain);
    if (status == RFD_OK) status = buf_check(&out, "output", error);
    if (status == RFD_OK && strcmp(a->output, "-") == 0)
        (void)fwrite(out.data, 1, out.length, stdout);
    else if (status == RFD_OK)
        status = output_whole(a->output, a->force, buf_slice(&out), error);
    (void)umask(before);
    buf_dispose(&out);
    for (size_t i = 0; i < chain.count; i++) certificate_unref(chain.items[i]);
    return status;
}

void ca_order_dispose(struct ca_order *order)
{
    EVP_PKEY_free(order->new_key);
    order->new_key = NULL;
}
