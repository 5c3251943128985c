/* SPDX-License-Identifier: EUPL-1.2
 *
 * Numbers of identity documents: the first byte chooses the document, the rest is what was typed. What is taken is its
 * own normal form, and a certificate's serialNumber that holds it gives the same number back.
 */
#include "packs/identity.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DOCUMENTS = 64, NORMAL_SIZE = 33, TEXT_MAXIMUM = 128 };

/** Read once: the same for every input. */
static struct packs *load(const struct pack_document *documents[DOCUMENTS], size_t *count)
{
    struct packs *packs = NULL;
    const char *name;
    if (packs_open(PACKS_FOLDER, &packs, NULL) != RFD_OK) abort();
    for (size_t n = 0; (name = packs_country_name(packs, n)) != NULL; n++) {
        size_t found;
        const struct pack_document *const *all = packs_documents(packs, slice_text(name), &found);
        for (size_t i = 0; i < found && *count < DOCUMENTS; i++) documents[(*count)++] = all[i];
    }
    if (*count == 0) abort();
    return packs;
}

static void check_subject(const struct packs *packs, const struct pack_document *document, const char *normal)
{
    char value[TEXT_MAXIMUM];
    slice number = SLICE_EMPTY;
    if (document->subject[0] == '\0') return;
    (void)snprintf(value, sizeof value, "%s%s", document->subject, normal);
    const struct pack_document *found = packs_identity_of_subject(packs, slice_text(value), &number);
    if (found != NULL && !slice_is(number, normal)) __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct pack_document *documents[DOCUMENTS];
    static struct packs *packs;
    static size_t count;
    char normal[NORMAL_SIZE], again[NORMAL_SIZE];
    slice number;
    if (packs == NULL) packs = load(documents, &count);
    if (size == 0) return 0;
    slice typed = slice_of(data + 1, size - 1);
    const struct pack_document *document = documents[data[0] % count];
    enum identity_fault fault = packs_identity_check(document, typed, normal);
    (void)packs_identity_of_subject(packs, typed, &number);
    if (fault != IDENTITY_FINE && fault != IDENTITY_DIGIT_WARNS) return 0;
    if (packs_identity_check(document, slice_text(normal), again) != fault || strcmp(normal, again) != 0)
        __builtin_trap();
    check_subject(packs, document, normal);
    return 0;
}
