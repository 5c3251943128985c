/* SPDX-License-Identifier: EUPL-1.2
 *
 * The key ceremony: from a written plan to an authority that is ready to run, in two folders that were empty before.
 *
 *   the root's folder (kept off line)       keys/     its key store, which opens with the custodians' shares
 *                                           shares/   one file for each custodian, to be handed over and removed
 *                                           root.cer, root.crl, certificates that it issued
 *   the instance ("home")                   keys/     authority, signer-0, ..., and personal when the plan says so;
 *                                                     master.key unless the plan says else
 *                                           data/     the database, run/
 *                                           public/   certificates and the log's key, for whoever asks
 *                                           ceremony-record.pdf, the first agent's PKCS#12, refrenda.yaml
 *
 * Until the end both folders hold the file CEREMONY-UNFINISHED: a ceremony that was cut off is not continued, its
 * folders are removed. Keys are made and used by keepers inside this process, under the same policies as a server's.
 */
#ifndef DOMAIN_CEREMONY_H
#define DOMAIN_CEREMONY_H

#include "domain/ceremony/plan.h"
#include "keeper/master.h"

#include <refrenda/language.h>

#define CEREMONY_UNFINISHED "CEREMONY-UNFINISHED"
#define CEREMONY_RECORD     "ceremony-record.pdf"

/** Told when a step begins (`done` false) and ends; `step` is a message of the catalogues. */
typedef void ceremony_progress(void *context, const char *step, bool done);

struct ceremony_options {
    const char *home;
    const char *root; /* NULL: "root" in home */
    const struct packs *packs;
    const char *packs_path;              /* written into the settings */
    slice plan_text;                     /* the plan's file, for the record */
    slice actor;                         /* "admin:root" */
    const struct rfd_language *language; /* of the record; NULL: English */
    ceremony_progress *progress;         /* may be NULL */
    void *context;
};

/** RFD_E_EXISTS when a folder is there and not empty. On any failure the folders stay as they are, marked. */
rfd_status ceremony_run(const struct plan *plan, const struct ceremony_options *options,
                        struct rfd_error *error) RFD_MUST_CHECK;

/** The credential of a root's key store from its custodians' files. RFD_E_SHARES. */
rfd_status ceremony_join_shares(const char *const *files, size_t count, struct master *out,
                                struct rfd_error *error) RFD_MUST_CHECK;

#endif
