/* SPDX-License-Identifier: EUPL-1.2
 *
 * Where a signature goes: an existing empty signature field, or a new one with a widget on a page (invisible on the
 * first, when there is no stamp); and the few objects that must be written for it. What exists keeps its nature: an
 * indirect /Annots, /AcroForm or /Fields stays indirect, a direct one direct, and only what changes is written.
 */
#ifndef PADES_PLACEMENT_H
#define PADES_PLACEMENT_H

#include "pdf/field.h"
#include "pdf/update.h"

/** What makes a widget visible. */
struct placement_visible {
    struct pdf_reference appearance; /* the form XObject of /AP /N */
    slice rectangle;                 /* "[x y x y]"; only for a new field */
    slice alternate;                 /* UTF-8; only for a new field: /TU */
};

struct placement {
    const char *name;               /* full name, UTF-8 */
    const struct pdf_field *field;  /* the existing field, or NULL: a new one */
    const struct pdf_field *fields; /* all fields of the document */
    size_t field_count;
    size_t signed_count;                     /* signature fields that have a value */
    struct pdf_page page;                    /* of a new field: the first one, or the stamp's */
    const struct placement_visible *visible; /* NULL: nothing is seen */
};

/** Reads fields and first page; `name` stays NULL. RFD_E_PDF_DAMAGED when there is no page. */
rfd_status placement_read(struct pdf_view *view, struct placement *out, struct rfd_error *error) RFD_MUST_CHECK;
/**
 * Chooses `wanted`, or when it is NULL the first free "<prefix><n>". The name lives in `arena`.
 * RFD_E_FIELD_SIGNED, _FIELD_TYPE, _FIELD_MISSING (a name with a dot that does not exist), RFD_E_ARGUMENT.
 */
rfd_status placement_choose(struct placement *p, struct arena *arena, const char *wanted, const char *prefix,
                            struct rfd_error *error) RFD_MUST_CHECK;

/** Further entries for the catalog, written together with what the form needs. */
struct placement_catalog {
    int certification; /* not 0: /Perms /DocMDP points to the signature */
    int version;       /* not 0: /Version is raised to it (10 * major + minor) */
};
/** Writes field, widget, page, form and catalog for the signature object `signature` ({0}: a field that is not
 * signed, for a preview). `lock` may be {0}: the /Lock of a new field. */
rfd_status placement_write(const struct placement *p, struct pdf_update *update, struct pdf_view *view,
                           struct pdf_reference signature, struct pdf_reference lock,
                           const struct placement_catalog *catalog, struct rfd_error *error) RFD_MUST_CHECK;

#endif
