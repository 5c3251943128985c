/* SPDX-License-Identifier: EUPL-1.2
 *
 * The sandbox of refrenda-render, apart from its main program so that a test can enter it, too.
 */
#ifndef RENDER_PROFILE_H
#define RENDER_PROFILE_H

#include "ipc/sandbox.h"

/** Reads fonts and the tables of CJK encodings; nothing else. `memory` in bytes, `seconds` of processor time. */
struct sandbox render_profile(uint64_t memory, unsigned seconds);

#endif
