/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/appearance/look.h"

static const struct look looks[] = {
    [RFD_LOOK_APPROVAL] = {N_("Signed by"), LOOK_CAPTION, LOOK_BAR, UINT32_C(0x1f4e8c), UINT32_C(0xa9b8cc)},
    [RFD_LOOK_ENDORSEMENT] = {N_("Approved"), LOOK_COLUMN, LOOK_DOUBLE, UINT32_C(0x1b6b3a), UINT32_C(0x1b6b3a)},
    [RFD_LOOK_HOLDER] = {N_("Holder"), LOOK_BAND, LOOK_DASHED, UINT32_C(0x5b3a8c), UINT32_C(0x5b3a8c)},
    [RFD_LOOK_NOTIFICATION] = {N_("Notification received by"), LOOK_HEAD, LOOK_DOTTED, UINT32_C(0x8f3f00),
                               UINT32_C(0x8f3f00)},
};

static const char *const box_lines[] = {
    "*{name}",
    "{post}",
    "{organisation}",
    N_("Reason: {reason}"),
    N_("Place: {place}"),
    N_("Date: {date} {time}"),
    N_("Document: {number}"),
};
static const char *const strip_lines[] = {
    N_("Signed by {name}, {date} {time}"),
    N_("Verification code: {number}"),
};

const struct look *look_of(enum rfd_stamp_look look)
{
    return &looks[look];
}

void look_put_text(struct buf *b, bool strip, const struct rfd_language *language)
{
    const char *const *lines = strip ? strip_lines : box_lines;
    size_t count = strip ? sizeof strip_lines / sizeof *strip_lines : sizeof box_lines / sizeof *box_lines;
    for (size_t i = 0; i < count; i++) {
        if (i > 0) buf_put_byte(b, '\n');
        buf_put_text(b, language_get(language, lines[i]));
    }
}
