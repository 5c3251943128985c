/* SPDX-License-Identifier: EUPL-1.2
 *
 * Filling a trust store from memory, files and folders. What a file holds is found by looking, not by its name.
 */
#include "pki/path/trust_store.h"

#include "base/error.h"
#include "base/source.h"
#include "pki/revocation/crl.h"
#include "pki/certificate/pem.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FILE_MAXIMUM = 1 << 28, FOLDER_MAXIMUM = 20000 };

/* Which of the certificates found become anchors. */
enum anchor_rule { ANCHOR_NONE, ANCHOR_ALL, ANCHOR_AUTHORITIES };

static bool becomes_anchor(const struct certificate *c, enum anchor_rule rule)
{
    return rule == ANCHOR_ALL || (rule == ANCHOR_AUTHORITIES && (c->self_issued || c->is_ca));
}

/* `found` counts what the rule is after: anchors, or helpers. */
static rfd_status add_certificates(struct rfd_trust *trust, slice bytes, enum anchor_rule rule, size_t *found,
                                   struct rfd_error *error)
{
    struct certificate_list list = {0};
    rfd_status status = certificate_list_read(&list, bytes, error);
    for (size_t i = 0; status == RFD_OK && i < list.count; i++) {
        bool anchor = becomes_anchor(list.items[i], rule);
        status = trust_add(trust, list.items[i], anchor, error);
        *found += status == RFD_OK && (anchor || rule == ANCHOR_NONE);
    }
    certificate_list_dispose(&list);
    return status;
}

static rfd_status add_given(struct rfd_trust *trust, slice bytes, enum anchor_rule rule, struct rfd_error *error)
{
    size_t found = 0;
    rfd_status status = add_certificates(trust, bytes, rule, &found, error);
    if (status == RFD_E_MEMORY) return status;
    if (status != RFD_OK) return error_wrap(error, RFD_E_TRUST_READ, "certificates given");
    return found > 0 ? RFD_OK : error_set(error, RFD_E_TRUST_READ, "no certificate in what was given");
}

rfd_status rfd_trust_add_anchors(struct rfd_trust *trust, rfd_slice certificates, struct rfd_error *error)
{
    return add_given(trust, certificates, ANCHOR_ALL, error);
}

rfd_status rfd_trust_add_intermediates(struct rfd_trust *trust, rfd_slice certificates, struct rfd_error *error)
{
    return add_given(trust, certificates, ANCHOR_NONE, error);
}

static rfd_status add_crl_der(struct rfd_trust *trust, slice der, struct rfd_error *error)
{
    const struct crl *crl = NULL;
    TRY(crl_parse(der, &crl, error));
    rfd_status status = trust_add_crl(trust, crl, error);
    if (status != RFD_OK) crl_free(crl);
    return status;
}

static rfd_status add_crl_block(struct rfd_trust *trust, const struct pem_block *block, struct rfd_error *error)
{
    struct buf der;
    buf_init(&der, FILE_MAXIMUM);
    rfd_status status = pem_decode(block, &der, error);
    if (status == RFD_OK) status = add_crl_der(trust, buf_slice(&der), error);
    buf_dispose(&der);
    return status;
}

static rfd_status add_crls(struct rfd_trust *trust, slice bytes, size_t *found, struct rfd_error *error)
{
    struct pem_block block;
    slice text = bytes;
    if (bytes.length > 0 && bytes.data[0] == DER_SEQUENCE) {
        TRY(add_crl_der(trust, bytes, error));
        *found += 1;
        return RFD_OK;
    }
    while (pem_next(&text, &block)) {
        if (!slice_is(block.label, "X509 CRL")) continue;
        TRY(add_crl_block(trust, &block, error));
        *found += 1;
    }
    return RFD_OK;
}

rfd_status rfd_trust_add_crl(struct rfd_trust *trust, rfd_slice crl, struct rfd_error *error)
{
    size_t found = 0;
    TRY(add_crls(trust, crl, &found, error));
    return found > 0 ? RFD_OK : error_set(error, RFD_E_CRL, "neither DER nor PEM");
}

/* Adds whatever the file holds; what is neither certificate nor CRL adds nothing and is no error. */
static rfd_status add_bytes(struct rfd_trust *trust, slice bytes, size_t *found, struct rfd_error *error)
{
    size_t crls = 0;
    rfd_status status = add_certificates(trust, bytes, ANCHOR_AUTHORITIES, found, NULL);
    if (status == RFD_E_MEMORY) return error_memory(error);
    if (add_crls(trust, bytes, &crls, NULL) == RFD_E_MEMORY) return error_memory(error);
    return RFD_OK;
}

static rfd_status add_file(struct rfd_trust *trust, const char *path, size_t *found, struct rfd_error *error)
{
    struct source *source = NULL;
    slice bytes = SLICE_EMPTY;
    TRY(source_open_file(path, &source, error));
    rfd_status status = RFD_OK;
    if (source_size(source) > FILE_MAXIMUM) {
        status = error_set(error, RFD_E_LIMIT, "%s has more than %d bytes", path, FILE_MAXIMUM);
        goto out;
    }
    TRY_OUT(source_view(source, 0, source_size(source), &bytes, error));
    TRY_OUT(add_bytes(trust, bytes, found, error));
out:
    source_close(source);
    return status;
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static rfd_status add_folder_entry(struct rfd_trust *trust, const char *folder, const char *name, size_t *found,
                                   struct rfd_error *error)
{
    char path[4096];
    struct stat information;
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (length < 0 || (size_t)length >= sizeof path)
        return error_set(error, RFD_E_TRUST_READ, "%s: name too long", name);
    if (stat(path, &information) != 0) return error_errno(error, RFD_E_TRUST_READ, errno, "%s", path);
    if (!S_ISREG(information.st_mode) || information.st_size == 0) return RFD_OK;
    return add_file(trust, path, found, error);
}

static rfd_status add_folder(struct rfd_trust *trust, const char *path, size_t *found, struct rfd_error *error)
{
    struct dirent **names = NULL;
    int count = scandir(path, &names, visible, alphasort);
    if (count < 0) return error_errno(error, RFD_E_TRUST_READ, errno, "%s", path);
    rfd_status status = RFD_OK;
    if (count > FOLDER_MAXIMUM)
        status = error_set(error, RFD_E_LIMIT, "%s has more than %d files", path, FOLDER_MAXIMUM);
    for (int i = 0; i < count; i++) {
        if (status == RFD_OK) status = add_folder_entry(trust, path, names[i]->d_name, found, error);
        free(names[i]);
    }
    free(names);
    return status;
}

rfd_status rfd_trust_add_path(struct rfd_trust *trust, const char *path, struct rfd_error *error)
{
    struct stat information;
    size_t found = 0;
    if (stat(path, &information) != 0) return error_errno(error, RFD_E_TRUST_READ, errno, "%s", path);
    rfd_status status =
        S_ISDIR(information.st_mode) ? add_folder(trust, path, &found, error) : add_file(trust, path, &found, error);
    if (status == RFD_E_MEMORY) return status;
    if (status != RFD_OK) return error_wrap(error, RFD_E_TRUST_READ, "%s", path);
    return found > 0 ? RFD_OK : error_set(error, RFD_E_TRUST_READ, "%s: no certificate of an authority found", path);
}
