/* SPDX-License-Identifier: EUPL-1.2
 *
 * A change against what a signature permits (ISO 32000-2 §12.8.2.2 DocMDP, §12.8.2.4 FieldMDP).
 *
 * A field lock covers the fields that the signed revision has: their values, and for an empty signature field that it
 * stays empty. A signature field that is added later is none of them, so a lock does not stop it; DocMDP does.
 */
#include "pades/difference/difference.h"

enum { DEFAULT_PERMISSION = 2 };

static bool is_locked(const struct difference_policy *policy, const struct change *change)
{
    return policy->lock != NULL && change->level == RFD_CHANGE_FORM && !change->new_field && change->field.length > 0 &&
           pdf_lock_covers(policy->lock, change->field);
}

/** Table 257: 1 no changes, 2 form filling and signing, 3 annotations too. */
static enum rfd_change_level highest(int permission)
{
    static const enum rfd_change_level levels[] = {
        [1] = RFD_CHANGE_LTA, [2] = RFD_CHANGE_FORM, [3] = RFD_CHANGE_ANNOTATION};
    if (permission < 1 || permission > 3) permission = DEFAULT_PERMISSION;
    return levels[permission];
}

bool difference_permitted(const struct difference_policy *policy, const struct change *change,
                          enum rfd_finding_code *code)
{
    if (change->level == RFD_CHANGE_OTHER) {
        *code = change->code;
        return false;
    }
    if (change->level > highest(policy->permission)) {
        *code = RFD_FINDING_CHANGE_NOT_PERMITTED;
        return false;
    }
    if (is_locked(policy, change)) {
        *code = RFD_FINDING_CHANGE_LOCKED_FIELD;
        return false;
    }
    *code = change->code;
    return true;
}
