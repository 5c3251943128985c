/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/import/import_plan.h"

#include "base/error.h"
#include "keeper/keystore.h"

#define COMPLAIN(key, at, ...) yaml_complain(file, RFD_E_PLAN, key, at, error, __VA_ARGS__)

enum { NAME_ROOM = sizeof "ocsp-", INSTANCE_MAXIMUM = 127 };

/* What else is wrong (addresses, hours) is for the key's policy to say. */
static rfd_status check(const struct yaml_file *file, const struct import_plan *p, const struct packs *packs,
                        struct rfd_error *error)
{
    if (!key_name_is_good(slice_text(p->name)) || strlen(p->name) + NAME_ROOM > KEY_NAME_SIZE)
        return COMPLAIN("name", p->name, "%s: not lower-case letters, digits and inner hyphens", p->name);
    for (unsigned i = 0; i < p->profile_count; i++) {
        if (packs_profile(packs, slice_text(p->profiles[i])) == NULL)
            return COMPLAIN(NULL, p->profiles[i], "the packs have no profile %s", p->profiles[i]);
    }
    if (p->instance == 0 || p->instance > INSTANCE_MAXIMUM)
        return COMPLAIN("instance", "", "instance is not from 1 to %d", INSTANCE_MAXIMUM);
    if (p->responder != NULL && key_algorithm_from_name(slice_text(p->responder->algorithm)) == KEY_ALGORITHM_NONE)
        return COMPLAIN("algorithm", p->responder->algorithm, "there is no algorithm %s", p->responder->algorithm);
    return RFD_OK;
}

rfd_status import_plan_read(const char *path, const struct packs *packs, struct yaml_file *file,
                            const struct import_plan **out, struct rfd_error *error)
{
    struct yaml_file read = {.data = NULL};
    TRY(yaml_read(path, &import_plan_schema, RFD_E_PLAN, &read, error));
    rfd_status status = check(&read, read.data, packs, error);
    if (status != RFD_OK) {
        yaml_dispose(&read);
        return status;
    }
    *file = read;
    *out = read.data;
    return RFD_OK;
}
