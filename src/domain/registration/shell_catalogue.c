/* SPDX-License-Identifier: EUPL-1.2
 *
 * Not written yet.
 */
#include "domain/registration/catalogue.h"

#include "base/error.h"

rfd_status catalogue_read(struct transaction *t, const struct packs *packs, slice country, const char *catalogue, bool all, struct catalogue_entry **out, size_t *count, struct rfd_error *error)
{
    (void)t;
    (void)packs;
    (void)country;
    (void)catalogue;
    (void)all;
    (void)out;
    (void)count;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status catalogue_find(struct transaction *t, const struct packs *packs, slice country, const char *catalogue, slice code, struct catalogue_entry *out, struct rfd_error *error)
{
    (void)t;
    (void)packs;
    (void)country;
    (void)catalogue;
    (void)code;
    (void)out;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

slice catalogue_title(const struct catalogue_entry *entry, slice language)
{
    (void)entry;
    (void)language;
    return SLICE_EMPTY;
}

slice catalogue_value(const struct catalogue_entry *entry, const char *name)
{
    (void)entry;
    (void)name;
    return SLICE_EMPTY;
}

bool catalogue_has(const struct catalogue_entry *entry, const char *name, slice item)
{
    (void)entry;
    (void)name;
    (void)item;
    return false;
}

void catalogue_evidence(const struct catalogue_entry *entry, struct pack_evidence *out)
{
    (void)entry;
    (void)out;
}

rfd_status catalogue_put(struct transaction *t, const struct actor *actor, const struct packs *packs, const struct catalogue_entry *entry, struct faults *faults, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)packs;
    (void)entry;
    (void)faults;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

rfd_status catalogue_reset(struct transaction *t, const struct actor *actor, slice country, const char *catalogue, slice code, struct rfd_error *error)
{
    (void)t;
    (void)actor;
    (void)country;
    (void)catalogue;
    (void)code;
    return error_set(error, RFD_E_UNSUPPORTED, "not written yet");
}

