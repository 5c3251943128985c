/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef PDF_XREF_H
#define PDF_XREF_H
#endif
