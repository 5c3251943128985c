/* SPDX-License-Identifier: EUPL-1.2
 *
 * The personal keeper: the process of personal/process.h, with the store "personal" of this instance. There is one: the
 * supervisor holds the instance's lock, the process that of its store.
 */
#ifndef SERVER_ROLE_PERSONAL_H
#define SERVER_ROLE_PERSONAL_H

#include "ipc/supervisor_child.h"
#include "personal/personal.h"
#include "settings/settings.h"

int role_personal_run(struct supervised *self);

/** What the settings say of it. */
struct personal_options personal_options_of(const struct settings *settings);

#endif
