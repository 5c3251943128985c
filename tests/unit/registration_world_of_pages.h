/* SPDX-License-Identifier: EUPL-1.2
 *
 * registration_world.h for tests of pages, which have forms, too: its names are the other ones of registration_names.h.
 */
#ifndef TESTS_REGISTRATION_WORLD_OF_PAGES_H
#define TESTS_REGISTRATION_WORLD_OF_PAGES_H

#include "registration_names.h"
#include "registration_world.h"
#undef form
#undef form_new
#undef office_approve
#undef office_issue
#undef office_observe
#undef office_release
#undef office_take
#undef ticket_free
#undef ticket_new
#undef ticket_new_for

#endif
