/* SPDX-License-Identifier: EUPL-1.2
 *
 * Pages about the organisation: what its files share. Most of them are of three sorts, each with a table row for what
 * is told apart: an editor (a form for something new or changed), a closing (are you sure), and a show page with facts
 * and small tables of what belongs to it.
 */
#ifndef WEB_ORGANISATION_PAGES_H
#define WEB_ORGANISATION_PAGES_H

#include "base/zone.h"
#include "domain/organisation/organisation.h"
#include "web/internal.h"

#define ORGANISATION "/organizacion"

/* entity_pages.c */
page_handler overview_show, entities_show, entity_show, entity_form, entity_save, entity_close_ask, entity_close_do;
/* unit_pages.c */
page_handler units_show, unit_show, unit_form, unit_save, unit_close_ask, unit_close_do;
/* position_pages.c */
page_handler positions_show, position_show, position_form, position_save, position_close_ask, position_close_do;
/* person_pages.c */
page_handler people_show, person_show, person_form, person_save;
/* appointment_pages.c */
page_handler appointments_show, appointment_show, appointment_form, appointment_save, appointment_end_form,
    appointment_end_save;
/* group_pages.c */
page_handler mailboxes_show, mailbox_form, mailbox_save, groups_show, group_show, group_form, group_save, group_member;
/* import_pages.c */
page_handler import_form, import_try, import_do, import_model;
/* departure_pages.c */
page_handler departures_show, departure_form, departure_save, departure_show, departure_decisions;

/* ---- edit.c ---- */

struct editing;
struct editor {
    const char *title_new, *title_change; /* N_() */
    const char *saved;                    /* N_(): the notice afterwards */
    const struct form_field *fields;
    size_t count;
    enum action action; /* whose entities can be chosen from */
    /** Fills the form with what is there (id 0: with what the address says). */
    rfd_status (*load)(struct transaction *t, struct editing *e, struct rfd_error *error);
    /** What else there is to choose from; NULL: nothing. */
    rfd_status (*prepare)(struct transaction *t, struct editing *e, struct rfd_error *error);
    /** Puts what was typed; sets `saved`. What is wrong goes to `faults`. */
    rfd_status (*save)(struct transaction *t, struct editing *e, struct rfd_error *error);
    const char *link; /* where one is afterwards, with the id of `saved` */
    const char *back;
};
struct editing {
    struct page *page;
    const struct editor *editor;
    int64_t id; /* 0: new */
    bool sent;  /* the form was filled in by somebody */
    struct form form;
    struct faults faults;
    int64_t saved;
    struct entity *entities;
    size_t entity_count;
    const char *warning; /* N_(): told beside the notice */
};
rfd_status edit_show(struct page *page, const struct editor *editor, struct rfd_error *error);
rfd_status edit_save(struct page *page, const struct editor *editor, struct rfd_error *error);
/** A number of a form's field or of the address's query; 0: none. */
int64_t edit_number(struct editing *e, const char *field);
int64_t edit_asked(const struct page *page, const char *name);
/** Text of the transaction into a field. */
void edit_fill(struct editing *e, const char *field, slice text);
void edit_fill_number(struct editing *e, const char *field, int64_t number);
/** The unit whose code was typed, in the chosen entity; a fault and id 0 when there is none. */
rfd_status edit_unit(struct transaction *t, struct editing *e, const char *field, struct unit *out,
                     struct rfd_error *error);

struct closing {
    const char *title, *text, *action, *done; /* N_() */
    rfd_status (*close)(struct transaction *t, const struct actor *actor, int64_t id, struct rfd_error *error);
    const char *back; /* with the id */
    /** What it is called; RFD_E_FORBIDDEN when the actor may not see it. */
    rfd_status (*name)(struct transaction *t, const struct page *page, int64_t id, slice *out, struct rfd_error *error);
};
rfd_status closing_ask(struct page *page, const struct closing *closing, struct rfd_error *error);
rfd_status closing_do(struct page *page, const struct closing *closing, struct rfd_error *error);

/* ---- common.c ---- */

/** May the actor see the unit, the person? RFD_E_FORBIDDEN. */
rfd_status check_see_unit(const struct page *page, const struct unit *unit, struct rfd_error *error);
rfd_status check_see_person(struct transaction *t, const struct page *page, int64_t person, struct rfd_error *error);
bool may_edit_unit(const struct page *page, const struct unit *unit);

struct fact {
    const char *label; /* N_() */
    slice text;
    const char *link; /* NULL: none */
};
void show_facts(struct page *page, const struct fact *facts, size_t count);
/** A button of the page's head; `link` is printed with the id. */
void show_action(struct page *page, struct view *actions, const char *title, const char *link, int64_t id,
                 bool secondary);
/** Returns the list of actions. */
struct view *show_title(struct page *page, slice title, bool closed);
/** A small table of a list's rows for which a filter is the id, at most 50, with a link to the whole list. */
struct related {
    const char *title, *empty; /* N_() */
    const struct list_definition *definition;
    const char *filter;
    const char *link, *all; /* of a row; of the whole list, with the filter's value */
    const char *skip;       /* columns that say the same in each row, with blanks around: " unit entity " */
};
rfd_status show_related(struct page *page, struct view *tables, const struct related *related, int64_t id,
                        struct rfd_error *error);
/** A page that is one list. */
struct list_page_row {
    const char *title, *lead; /* N_() */
    const struct list_definition *definition;
    const char *link, *empty;
    const char *add, *add_link; /* N_(); NULL: none */
    enum action add_action;
};
rfd_status show_list(struct page *page, const struct list_page_row *row, struct rfd_error *error);

#endif
