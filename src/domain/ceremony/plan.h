/* SPDX-License-Identifier: EUPL-1.2
 *
 * The written plan of a key ceremony: what is made, for whom, who is there. YAML, read by libcyaml; a mistake is told
 * with file and line before anything is made. packs/plans/demo.yaml is one to copy; its words are those of the members
 * here.
 *
 * Strings are the file's; NULL where the plan does not say and nothing is said about a standard value. Checked here:
 * names, numbers, algorithms, that profiles exist and that subjects have what their profiles want. Not checked: whether
 * addresses lead anywhere.
 */
#ifndef DOMAIN_CEREMONY_PLAN_H
#define DOMAIN_CEREMONY_PLAN_H

#include "keeper/key_material.h"
#include "packs/packs.h"
#include "packs/yaml.h"

enum {
    PLAN_ISSUING_MAXIMUM = 16,
    PLAN_STAMPERS_MAXIMUM = 4,
    PLAN_PEOPLE_MAXIMUM = 16,
    PLAN_PROFILES_MAXIMUM = 32,
    PLAN_LIST_MAXIMUM = 16,
    PLAN_SIGNERS_MAXIMUM = 32,
    PLAN_TOKENS_MAXIMUM = 8
};

/** By the words of pki/attribute.h. */
struct plan_subject {
    char *c, *st, *l, *o, *organization_identifier, *ou, *title, *sn, *given_name, *serial_number, *cn;
};
struct plan_person {
    char *name, *post;
    char *file; /* of a custodian: where his share is written, relative to the root's folder */
};
struct plan_key {
    struct plan_subject subject;
    char *algorithm; /* as key_algorithm_from_name() knows it */
};

/* A PKCS#11 token, as the settings have it. */
struct plan_token {
    char *name, *module, *token, *pin_file;
    bool network;
};
struct plan_root {
    char *name; /* "raiz" */
    struct plan_subject subject;
    char *algorithm;
    unsigned years, crl_days;
    unsigned needed; /* custodians of so many, 2 at least */
    struct plan_person *custodians;
    unsigned custodian_count;
};
struct plan_issuing {
    char *name;
    struct plan_subject subject;
    char *algorithm;
    char *token; /* that its key is made on; NULL: the built-in store. Likewise below */
    unsigned years;
    char **profiles;
    unsigned profile_count;
    unsigned partitions; /* of its lists; 0: 1 */
    bool deltas;
    unsigned instance;         /* first octet of its serial numbers, 1 to 127 */
    unsigned crl_hours;        /* 0: 24 */
    unsigned approval_minutes; /* 0: 60 */
    unsigned ocsp_hours;       /* an answer holds; 0: 24 */
    struct plan_key responder;
};
struct plan_stamper {
    char *name;   /* of its key: "tsa" */
    char *issuer; /* NULL: the first issuing authority; likewise below */
    struct plan_subject subject;
    char *algorithm;
    char *policy; /* dotted */
    unsigned accuracy_ms;
};
struct plan_service {
    char *issuer;
    struct plan_subject subject;
    char *algorithm;
    char *token;
};
struct plan_agent {
    char *name; /* as the keeper registers him */
    char *issuer;
    struct plan_subject subject;
    char *algorithm;
    char *mail;
    char *file, *password_file; /* relative to the instance's folder; "agente.p12", "agente.password" */
    char **profiles;            /* that he may approve */
    unsigned profile_count;
};
struct plan_registration {
    char *issuer;
    struct plan_subject subject;
    char *algorithm;
    char **hosts;
    unsigned host_count;
    char **listen;
    unsigned listen_count;
};
struct plan_status {
    char **listen;
    unsigned listen_count;
    char *clock;
};
struct plan_mail {
    char *server, *user, *password_file, *from, *operator_mail;
};

struct plan {
    char *title, *place;
    char *url;                          /* of the public services, without a slash at its end */
    char *database;                     /* NULL: sqlite:data/refrenda.db */
    char *user;                         /* that the server's processes become */
    char *passphrase_file, *credential; /* of the key stores; neither: a credential is made */
    struct plan_token *tokens;
    unsigned token_count;
    bool personal;    /* a store for people's keys: central signing */
    unsigned signers; /* stores for processes that sign answers; 0: 2 */
    struct plan_root root;
    struct plan_issuing *issuing;
    unsigned issuing_count;
    struct plan_stamper *stampers;
    unsigned stamper_count;
    struct plan_service seal;
    char *log_algorithm;
    struct plan_agent agent;
    struct plan_registration *registration; /* NULL: no API */
    struct plan_status status;
    char *metrics;
    struct plan_mail *mail;
    struct plan_person *witnesses;
    unsigned witness_count;
};

/** RFD_E_PLAN with file and line. Keep `file` as long as the plan is used, then yaml_dispose() it. */
rfd_status plan_read(const char *path, const struct packs *packs, struct yaml_file *file, const struct plan **out,
                     struct rfd_error *error) RFD_MUST_CHECK;

/** The subject as an order wants it, in no particular order; returns how many (at most PROFILE_ATTRIBUTES_MAXIMUM). */
size_t plan_subject_values(const struct plan_subject *subject, struct profile_value *values);
/** The place of the authority of this name among plan->issuing; NULL is the first. */
size_t plan_issuer(const struct plan *plan, const char *name);

extern const struct cyaml_schema_value plan_schema; /* plan_schema.c */

#endif
