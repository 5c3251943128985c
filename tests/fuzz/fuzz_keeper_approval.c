/* SPDX-License-Identifier: EUPL-1.2
 *
 * An approval: the input as its text, and as the SignedData around one. What is read must be what would be written, and
 * no person an entity.
 */
#include "keeper/approval.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Whatever names a person is no entity's, whose seal signs without a code. */
static void look_for_people(const struct approval *a)
{
    static const enum oid_name people[] = {OID_SERIAL_NUMBER, OID_SURNAME, OID_GIVEN_NAME, OID_PSEUDONYM, OID_TITLE};
    if (!approval_is_of_entity(a)) return;
    if (approval_holder(a).length <= strlen("VATPE-")) __builtin_trap();
    for (size_t i = 0; i < a->subject_count; i++) {
        for (size_t k = 0; k < sizeof people / sizeof *people; k++) {
            if (a->subject[i].type == people[k]) __builtin_trap();
        }
    }
}

static void read_text(slice text)
{
    struct approval a;
    struct buf again;
    if (approval_read(text, &a, NULL) != RFD_OK) return;
    buf_init(&again, APPROVAL_MAXIMUM);
    if (approval_write(&a, &again, NULL) != RFD_OK || !slice_equal(text, buf_slice(&again))) __builtin_trap();
    buf_dispose(&again);
    look_for_people(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice in = slice_of(data, size);
    slice text;
    read_text(in);
    if (approval_content(in, &text, NULL) == RFD_OK) read_text(text);
    return 0;
}
