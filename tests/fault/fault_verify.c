/* SPDX-License-Identifier: EUPL-1.2
 *
 * Verifying while allocations fail: the true verdict or a clean error, never another verdict.
 */
#include "../soak/workshop.h"
#include "fault.h"

#include "base/buf.h"

#include <refrenda/document.h>

#include <openssl/pkcs12.h>
#include <stdio.h>

#define PASSWORD "contraseña"

enum { SIZE = 3000, ALTERED_BYTE = 600 };

struct scene {
    struct workshop w;
    struct buf document;
    char path[128];
    size_t signatures;
    enum rfd_indication expected;
};

static rfd_status check(const struct scene *s, const struct rfd_verification *v, struct rfd_error *error)
{
    if (rfd_verification_count(v) != s->signatures) return fault_wrong(error, "number of signatures");
    if (rfd_verification_indication(v) == s->expected) return RFD_OK;
    return fault_wrong(error, rfd_indication_name(rfd_verification_indication(v)));
}

static rfd_status verify_in_memory(void *context, struct rfd_error *error)
{
    struct scene *s = context;
    struct rfd_verify_options options = workshop_verify_options(&s->w);
    struct rfd_verification *v = NULL;
    rfd_status status = rfd_verify_memory(buf_slice(&s->document), &options, &v, error);
    if (status != RFD_OK) return v == NULL ? status : fault_wrong(error, "a verdict in spite of an error");
    status = check(s, v, error);
    rfd_verification_free(v);
    return status;
}

static rfd_status verify_file_to_json(void *context, struct rfd_error *error)
{
    struct scene *s = context;
    struct rfd_verify_options options = workshop_verify_options(&s->w);
    struct rfd_verification *v = NULL;
    rfd_bytes json = {0};
    rfd_status status = rfd_verify_file(s->path, &options, &v, error);
    if (status == RFD_OK) status = check(s, v, error);
    if (status == RFD_OK) status = rfd_verification_json(v, s->path, &json, error);
    rfd_verification_free(v);
    rfd_bytes_free(&json);
    return status;
}

static rfd_status inspect(void *context, struct rfd_error *error)
{
    struct scene *s = context;
    struct rfd_document *document = NULL;
    const struct rfd_field_info *fields;
    const struct rfd_document_info *info;
    size_t count = 0;
    rfd_status status = rfd_document_open(s->path, SLICE_EMPTY, &document, error);
    if (status == RFD_OK) status = rfd_document_fields(document, &fields, &count, error);
    if (status == RFD_OK && count != s->signatures) status = fault_wrong(error, "number of fields");
    if (status == RFD_OK) status = rfd_document_inspect(document, &info, error);
    if (status == RFD_OK && info->signatures != s->signatures) status = fault_wrong(error, "number of signatures");
    rfd_document_close(document);
    return status;
}

static rfd_status open_key(void *context, struct rfd_error *error)
{
    (void)context;
    struct rfd_key *key = NULL;
    rfd_status status =
        rfd_key_open_pem(folder_file("signer.key"), folder_file("signer.pem"), NULL, SLICE_EMPTY, &key, error);
    rfd_key_free(key);
    return status;
}

static void write_pkcs12(const struct identity *i)
{
    PKCS12 *p12 = PKCS12_create(PASSWORD, "signer", i->key, i->x509, NULL, 0, 0, 0, 0, 0);
    FILE *file = fopen(folder_file("signer.p12"), "wbe");
    if (p12 == NULL || file == NULL || i2d_PKCS12_fp(file, p12) != 1 || fclose(file) != 0) abort();
    PKCS12_free(p12);
}

static rfd_status open_pkcs12(void *context, struct rfd_error *error)
{
    (void)context;
    struct rfd_key *key = NULL;
    rfd_status status = rfd_key_open_pkcs12(folder_file("signer.p12"), slice_text(PASSWORD), &key, error);
    rfd_key_free(key);
    return status;
}

static rfd_status open_trust(void *context, struct rfd_error *error)
{
    (void)context;
    struct rfd_trust *trust = NULL;
    rfd_status status = rfd_trust_new(&trust, error);
    if (status == RFD_OK) status = rfd_trust_add_path(trust, folder_file("root.pem"), error);
    if (status == RFD_OK && rfd_trust_anchor_count(trust) != 1) status = fault_wrong(error, "number of anchors");
    rfd_trust_free(trust);
    return status;
}

static void run_document(struct scene *s)
{
    (void)snprintf(s->path, sizeof s->path, "%s", folder_write("document.pdf", buf_slice(&s->document)));
    fault_run("verifying in memory", verify_in_memory, s);
    fault_run("verifying a file, to JSON", verify_file_to_json, s);
    fault_run("listing fields and properties", inspect, s);
}

int main(void)
{
    struct scene s = {0};
    (void)folder_new();
    workshop_open(&s.w, "P-256");
    folder_write_identity(&s.w.root, "root.pem", "root.key");
    workshop_document(&s.document, SIZE, 0);
    for (s.signatures = 1; s.signatures <= 2; s.signatures++) {
        workshop_sign(&s.w, &s.document);
        s.expected = RFD_TOTAL_PASSED;
        run_document(&s);
        s.document.data[ALTERED_BYTE] ^= 1;
        s.expected = RFD_TOTAL_FAILED;
        run_document(&s);
        s.document.data[ALTERED_BYTE] ^= 1;
    }
    fault_run("opening a key", open_key, &s);
    write_pkcs12(&s.w.signer);
    fault_run("opening a PKCS#12 file", open_pkcs12, &s);
    fault_run("opening trust anchors", open_trust, &s);
    buf_dispose(&s.document);
    workshop_close(&s.w);
    folder_remove();
    return fault_end();
}
