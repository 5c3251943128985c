/* SPDX-License-Identifier: EUPL-1.2
 *
 * One ceremony while it goes on, shared by its steps.
 */
#ifndef DOMAIN_CEREMONY_INTERNAL_H
#define DOMAIN_CEREMONY_INTERNAL_H

#include "domain/authority/authority.h"
#include "domain/ceremony/ceremony.h"
#include "keeper/ask.h"
#include "keeper/local.h"
#include "personal/local.h"

enum {
    CEREMONY_PATH_SIZE = 1024,
    CEREMONY_STEPS_MAXIMUM = 16,
    CEREMONY_KEYS_MAXIMUM = 64,
    CEREMONY_HASH_SIZE = 32,
    CEREMONY_DAYS_PER_YEAR = 365,
    CEREMONY_HOUR = 3600 /* seconds */
};

/* What the record tells. */
struct ceremony_step_done {
    const char *title; /* for the catalogues */
    rfd_time begun, ended;
};
struct ceremony_key {
    const char *name, *store, *purpose, *algorithm;
    const char *token;                /* NULL: none */
    bool is_public;                   /* has a public part */
    uint8_t hash[CEREMONY_HASH_SIZE]; /* SHA-256 of its SubjectPublicKeyInfo */
    slice certificate;                /* empty: none */
};
struct ceremony_share {
    const char *path;
    uint8_t hash[CEREMONY_HASH_SIZE]; /* of the file's line */
};

/* An issuing authority. */
struct ceremony_issuing {
    const struct plan_issuing *plan;
    slice policy, certificate; /* in the arena */
    int64_t id;
};

struct ceremony {
    const struct plan *plan;
    const struct ceremony_options *options;
    char home[CEREMONY_PATH_SIZE], root[CEREMONY_PATH_SIZE];
    struct arena arena;
    struct master root_master, master;
    struct local_keeper root_keeper, authority, signer;
    struct local_personal personal; /* its client is NULL unless the plan wants one */
    struct store *store;
    struct authority_domain domain;
    slice root_policy, root_certificate, root_crl;
    int64_t root_id;
    struct ceremony_issuing issuing[PLAN_ISSUING_MAXIMUM];
    slice seal_certificate;
    rfd_time begun;

    struct ceremony_step_done steps[CEREMONY_STEPS_MAXIMUM];
    size_t step_count;
    struct ceremony_key keys[CEREMONY_KEYS_MAXIMUM];
    size_t key_count;
    struct ceremony_share shares[PLAN_PEOPLE_MAXIMUM];
};

/* ---- Files (ceremony_files.c) ---- */

/** "folder/name"; RFD_E_ARGUMENT when it is too long. */
rfd_status ceremony_path(const char *folder, const char *name, char path[CEREMONY_PATH_SIZE],
                         struct rfd_error *error) RFD_MUST_CHECK;
/** Makes a folder for its owner alone, or with `existing` takes one that is empty. RFD_E_EXISTS, RFD_E_IO_WRITE. */
rfd_status ceremony_folder(const char *path, bool existing, struct rfd_error *error) RFD_MUST_CHECK;
/** Takes an empty folder, or makes it, and finds its whole path, which the current folder has no part in. */
rfd_status ceremony_take_folder(const char *given, char path[CEREMONY_PATH_SIZE],
                                struct rfd_error *error) RFD_MUST_CHECK;
/** Writes a file for its owner alone, whole or not at all. */
rfd_status ceremony_write(const char *folder, const char *name, slice content, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status ceremony_write_pem(const char *folder, const char *name, const char *label, slice der,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** Two certificates and more, in one file. */
rfd_status ceremony_write_chain(const char *folder, const char *name, const slice *ders, size_t count,
                                struct rfd_error *error) RFD_MUST_CHECK;
/** Removes a file, and sees that it stays removed. */
rfd_status ceremony_remove(const char *folder, const char *name, struct rfd_error *error) RFD_MUST_CHECK;
/** Gives all below `folder` to the user of this name, but what is below `but` (empty: nothing is left out). Does
 * nothing unless this process is root's. */
rfd_status ceremony_give(const char *folder, const char *but, const char *user, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- What steps share (ceremony.c) ---- */

/** A copy in the arena of what `b` holds, which is disposed of. */
rfd_status ceremony_keep(struct ceremony *c, struct buf *b, slice *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Notes a key for the record. */
rfd_status ceremony_note_key(struct ceremony *c, const char *store, const struct ask_key *key, slice spki,
                             slice certificate, struct rfd_error *error) RFD_MUST_CHECK;
/** What is issued to whom. */
struct ceremony_order {
    size_t issuer; /* place among the plan's */
    const char *profile;
    const struct plan_subject *subject;
    char *mail; /* NULL: none */
    char *const *hosts;
    size_t host_count;
};
/** Issues for a public key by KEEPER_ISSUE_SERVICE and enters it into the register. */
rfd_status ceremony_issue(struct ceremony *c, const struct ceremony_order *order, slice spki, slice *certificate,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** Makes a key in a store, has it certified, and notes it. `keeper` is c->authority's or c->signer's. */
rfd_status ceremony_key(struct ceremony *c, struct keeper_client *keeper, const struct ask_key *key,
                        const struct ceremony_order *order, slice *certificate, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Steps ---- */

typedef rfd_status ceremony_step(struct ceremony *c, struct rfd_error *error);
ceremony_step ceremony_make_root, ceremony_close_root;                                   /* ceremony_root.c */
ceremony_step ceremony_make_stores, ceremony_make_issuing, ceremony_make_register;       /* ceremony_issuing.c */
ceremony_step ceremony_make_services, ceremony_make_registration, ceremony_copy_signers; /* ceremony_services.c */
ceremony_step ceremony_make_personal;                                                    /* ceremony_personal.c */
ceremony_step ceremony_make_agent;                                                       /* ceremony_agent.c */
ceremony_step ceremony_make_lists;                                                       /* ceremony_lists.c */
ceremony_step ceremony_write_settings;                                                   /* ceremony_settings.c */
ceremony_step ceremony_write_record;                                                     /* record.c */

/** The root's policy as bytes, in the arena. */
rfd_status ceremony_root_policy(struct ceremony *c, slice *out, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status ceremony_issuing_policy(struct ceremony *c, const struct plan_issuing *i, slice *out,
                                   struct rfd_error *error) RFD_MUST_CHECK;

#endif
