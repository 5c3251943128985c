/* SPDX-License-Identifier: EUPL-1.2
 *
 * RFC 5280 §6 over one given chain, by X509_verify_cert, with algorithm strength and what OpenSSL misses added. All
 * faults are collected, so that the telling one can be chosen.
 */
#ifndef PKI_PATH_VERIFY_H
#define PKI_PATH_VERIFY_H

#include "pki/path/path.h"

struct x509_store_st;

#define PATH_FAULT_COUNT (PATH_FAULT_MALFORMED + 1)
/* What is wrong with a chain: for each fault whether it was met, at which certificate first, and why. */
struct path_verdict {
    bool met[PATH_FAULT_COUNT];
    size_t at[PATH_FAULT_COUNT];
    char detail[PATH_FAULT_COUNT][96];
    rfd_time valid_from, valid_until; /* of the certificates above the leaf, when nothing was met */
};

/** An X509_STORE without certificates that makes OpenSSL keep to the chain given. NULL without memory. */
struct x509_store_st *path_verify_settings_new(void);
void path_verify_settings_free(struct x509_store_st *settings);

/** Checks `chain`, leaf first, anchor last. RFD_E_MEMORY only. */
rfd_status path_verify(struct x509_store_st *settings, const struct certificate *const *chain, size_t count,
                       rfd_time at, const struct path_parameters *parameters, struct path_verdict *out,
                       struct rfd_error *error) RFD_MUST_CHECK;
/** Notes a fault unless it was met before. */
void path_verdict_add(struct path_verdict *v, enum path_fault fault, size_t at, const char *format, ...)
    RFD_PRINTF(4, 5);

#endif
