/* SPDX-License-Identifier: EUPL-1.2
 *
 * Names of registration_world.h and authority_world.h that the pages have, too: a test of pages is built with these
 * instead, and so is the world that it is linked with.
 */
#define form           office_form
#define form_new       office_form_new
#define office_approve office_world_approve
#define office_issue   office_world_issue
#define office_observe office_world_observe
#define office_release office_world_release
#define office_take    office_world_take
#define ticket_new     world_ticket_new
#define ticket_free    world_ticket_free
#define ticket_new_for world_ticket_new_for
