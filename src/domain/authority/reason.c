/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/authority/reason.h"

static const struct {
    int number;
    const char *name;
    bool may_be_given;
} reasons[] = {
    {0, "unspecified", true},        {1, "keyCompromise", true},  {2, "cACompromise", false},
    {3, "affiliationChanged", true}, {4, "superseded", true},     {5, "cessationOfOperation", true},
    {6, "certificateHold", false},   {8, "removeFromCRL", false}, {9, "privilegeWithdrawn", true},
    {10, "aACompromise", false},
};
enum { REASONS = sizeof reasons / sizeof *reasons };

const char *reason_name(int reason)
{
    for (size_t i = 0; i < REASONS; i++) {
        if (reasons[i].number == reason) return reasons[i].name;
    }
    return reasons[0].name;
}

bool reason_from_name(slice name, int *out)
{
    for (size_t i = 0; i < REASONS; i++) {
        if (!reasons[i].may_be_given || !slice_is(name, reasons[i].name)) continue;
        *out = reasons[i].number;
        return true;
    }
    return false;
}
