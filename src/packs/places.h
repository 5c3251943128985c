/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of the packs: places.csv of a country. Its form is checked when the packs are opened; its rows are kept from
 * the first time somebody asks for one, since most processes never do.
 */
#ifndef PACKS_PLACES_H
#define PACKS_PLACES_H

#include "packs/registration.h"

struct places;

/** NULL in `*out` when there is no such file. RFD_E_PACK names file and line. */
rfd_status places_open(const char *path, struct places **out, struct rfd_error *error) RFD_MUST_CHECK;
void places_close(struct places *places);
/** By region, province and district; NULL and 0 when the file cannot be read any more. Thread-safe. */
const struct pack_place *places_all(struct places *places, size_t *count);
const struct pack_place *places_find(struct places *places, slice code);

#endif
