/* SPDX-License-Identifier: EUPL-1.2
 *
 * How an authority that another program ran goes on here: YAML (packs/plans/import.yaml is one to copy). Its words are
 * the members here.
 */
#ifndef DOMAIN_IMPORT_PLAN_H
#define DOMAIN_IMPORT_PLAN_H

#include "domain/ceremony/plan.h"

struct import_plan {
    char *name;
    char **profiles;
    unsigned profile_count;
    unsigned instance, partitions;
    char *ocsp, *ca_issuers, *crl_point, *freshest;   /* addresses; NULL: none */
    unsigned crl_hours, approval_minutes, ocsp_hours; /* 0: as in a ceremony's plan */
    struct plan_key *responder;                       /* NULL: no OCSP */
};

/** RFD_E_PLAN with file and line. Keep `file` as long as the plan is used, then yaml_dispose() it. */
rfd_status import_plan_read(const char *path, const struct packs *packs, struct yaml_file *file,
                            const struct import_plan **out, struct rfd_error *error) RFD_MUST_CHECK;

extern const struct cyaml_schema_value import_plan_schema; /* ceremony/plan_schema.c */

#endif
