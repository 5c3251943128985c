/* SPDX-License-Identifier: EUPL-1.2
 *
 * Not written yet.
 */
#include "packs/registration.h"

#include "base/error.h"

const struct pack_registration *packs_registration(const struct packs *packs, slice country)
{
    (void)packs;
    (void)country;
    return NULL;
}

const struct pack_catalogue *packs_catalogue(const struct packs *packs, slice country, const char *name)
{
    (void)packs;
    (void)country;
    (void)name;
    return NULL;
}

const struct pack_place *packs_place(const struct packs *packs, slice country, slice code)
{
    (void)packs;
    (void)country;
    (void)code;
    return NULL;
}

const struct pack_place *packs_places(const struct packs *packs, slice country, size_t *count)
{
    (void)packs;
    (void)country;
    (void)count;
    return NULL;
}

