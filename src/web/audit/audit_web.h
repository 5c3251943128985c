/* SPDX-License-Identifier: EUPL-1.2
 *
 * The auditor's pages. They change nothing but that the worker is asked to verify.
 */
#ifndef WEB_AUDIT_H
#define WEB_AUDIT_H

#include "domain/audit/audit_pages.h"
#include "web/internal.h"

/* rows.c */
page_handler audit_rows_show, audit_row_show;
/* check.c */
page_handler audit_check_show, audit_check_ask, audit_points_show, audit_point_save;

/** The pages of the area, as tabs; `current` is the address of one. */
void audit_tabs(struct page *page, const char *current);

#endif
