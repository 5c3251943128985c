/* SPDX-License-Identifier: EUPL-1.2
 *
 * Requests with files, in the house of access_world: 1 of OTI, taken by Ana, an agent; 2 of an agency, filed by Berta
 * of OTI; 3 of OTRA, taken by its agent. Each has an applicant, of the same number as the request.
 */
#ifndef TESTS_EVIDENCE_WORLD_H
#define TESTS_EVIDENCE_WORLD_H

#include "access_world.h"
#include "domain/registration/evidence.h"

enum { AGENT = ANA, OTHER_AGENT = OTHER_HEAD };

void evidence_world_requests(struct store *store);

struct evidence_putting {
    int64_t request, applicant, payment;
    struct evidence_file file;
    bool scanner;
    int64_t id;
};
/** A file whose content, which is nowhere, is told by a letter. */
struct evidence_putting evidence_world_file(int64_t request, const char *kind, char content, bool scanner);
/** evidence_add() of a struct evidence_putting. */
store_work evidence_world_put_work;
int64_t evidence_world_put(struct store *store, int64_t request, const char *kind, char content, bool scanner);

#endif
