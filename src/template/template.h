/* SPDX-License-Identifier: EUPL-1.2
 *
 * Mustache templates (mustache.github.io, the public specification: variables, sections, inverted sections, partials,
 * comments, dotted names; no lambdas, no change of delimiters), read once, rendered by any thread.
 *
 * What a template says to people is in English and translated when it is rendered. Two tags are ours:
 *
 *   {{#_}}Showing {from} to {to}{{/_}}          the text, blanks drawn together, is the message of the catalogues;
 * {name} stands for a value of the view, escaped. It may hold markup (<strong>).
 *   {{#_n total}}{total} record|{total} records{{/_n}}    singular and plural by the number `total`
 *
 * scripts/catalogues takes the messages out of the templates. A text that comes with the view is translated by whoever
 * puts it there.
 *
 * {{name}} is escaped for HTML, in attributes too (always written in double quotes); {{{name}}} and {{&name}} are not,
 * and give something only for what was put in by view_markup(): what a stranger wrote can never be marked as safe by a
 * template.
 *
 * Sections are shown for what is not false, 0, an empty text or an empty list. Where the specification lets a partial
 * that is not known be empty, it is an error here. Messages are part of their line: their tags never stand alone.
 */
#ifndef TEMPLATE_TEMPLATE_H
#define TEMPLATE_TEMPLATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/language.h"

/* ---- What is shown ---- */

/** A tree of names and values in an arena. Nothing here fails visibly: without memory the view is spoiled, and
 * rendering it says so (functions take NULL, too, which view_new() gives then). Of a name that is put twice the last
 * counts. Names are static; texts are borrowed until the view is rendered. */
struct view;
struct view *view_new(struct arena *a);
void view_text(struct view *view, const char *name, slice text);
void view_string(struct view *view, const char *name, const char *text);
void view_number(struct view *view, const char *name, int64_t number);
void view_flag(struct view *view, const char *name, bool flag);
/** Markup that is safe as it stands. */
void view_markup(struct view *view, const char *name, slice markup);
/** A view inside. */
struct view *view_object(struct view *view, const char *name);
/** A list; false where it is empty. view_item() adds one view to it. */
struct view *view_list(struct view *view, const char *name);
struct view *view_item(struct view *list);
/** An item that is a text ({{.}}). */
void view_item_text(struct view *list, slice text);
struct arena *view_arena(const struct view *view);
/** The value of a dotted name as text, an item of a list by its number ("rows.0.cells.1.text"), of a list how many it
 * has; data is NULL when there is none. For tests. */
slice view_find(const struct view *view, const char *name);

/* ---- Templates ---- */

struct template_source {
    const char *name; /* "account/sign-in"; partials: "part/field" */
    slice text;
};
struct template_set;
/** Reads all of them. RFD_E_ARGUMENT names template and line: unknown partials, sections that do not close. */
rfd_status template_set_new(const struct template_source *sources, size_t count, struct template_set **out,
                            struct rfd_error *error) RFD_MUST_CHECK;
void template_set_free(struct template_set *set);
bool template_set_has(const struct template_set *set, slice name);

enum template_form {
    TEMPLATE_HTML,
    TEMPLATE_PLAIN /* mails and SMS: nothing is escaped */
};
/** Appends. RFD_E_ARGUMENT for an unknown name, RFD_E_MEMORY, RFD_E_LIMIT (the buffer's, or partials 32 deep). */
rfd_status template_render(const struct template_set *set, slice name, const struct view *view,
                           const struct rfd_language *language, enum template_form form, struct buf *out,
                           struct rfd_error *error) RFD_MUST_CHECK;

/** One text that is not in a set, such as a mail's that an administrator wrote; partials are not known in it.
 * RFD_E_ARGUMENT tells what is wrong with it. */
rfd_status template_check(slice text, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status template_render_text(slice text, const struct view *view, const struct rfd_language *language,
                                enum template_form form, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
