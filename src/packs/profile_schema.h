/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of the packs: what a profiles.yaml says, value by value, and how a profile is made of it.
 */
#ifndef PACKS_PROFILE_SCHEMA_H
#define PACKS_PROFILE_SCHEMA_H

#include "packs/packs.h"
#include "packs/yaml.h"

struct pack_attribute {
    char *attribute; /* its word (pki/attribute.h) */
    bool required;
    char *fixed, *prefix;
};
struct pack_policy {
    char *oid, *cps, *notice;
};
struct pack_disclosure {
    char *url, *language;
};
struct pack_law {
    char *country;
};
struct pack_qc {
    bool compliance, device;
    unsigned types;
    enum profile_semantics semantics;
    struct pack_disclosure *disclosures;
    unsigned disclosure_count;
    struct pack_law *laws;
    unsigned law_count;
};
struct pack_title {
    char *es, *ca, *en;
};
enum { PACK_MAIL = 1, PACK_HOSTS = 2 };

struct profile_entry {
    char *name;
    struct pack_title title;
    enum lint_kind kind;
    struct pack_attribute *subject;
    unsigned subject_count;
    unsigned key_usage;
    enum oid_name *purposes;
    unsigned purpose_count;
    bool purposes_critical;
    struct pack_policy *policies;
    unsigned policy_count;
    struct pack_qc *qc;
    unsigned names;
    bool ocsp_nocheck;
    int *path_length;
    unsigned days, backdated;
    bool may_end_with_issuer;
    unsigned keys;
    unsigned *rsa_minimum, *rsa_maximum;
    unsigned approvals;
    unsigned renewal;
    bool agent;
    bool central;
};
struct pack_file {
    struct profile_entry *profiles;
    unsigned profile_count;
};
extern const struct cyaml_schema_value profiles_schema; /* of a struct pack_file */

/** Checks what a schema cannot say, and fills the profile, whose strings are the file's. RFD_E_PACK. */
rfd_status pack_profile_make(const struct yaml_file *file, const struct profile_entry *entry, struct pack_profile *out,
                             struct rfd_error *error) RFD_MUST_CHECK;

#endif
