/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files of rules share: one function a rule, and walking through what is in a certificate.
 */
#ifndef PKI_LINT_INTERNAL_H
#define PKI_LINT_INTERNAL_H

#include "pki/authority/lint.h"
#include "pki/oid.h"

#define LINT(function, id, clause, kinds, says) bool lint_rule_##function(const struct lint_target *t);
#include "pki/authority/lint.def"
#undef LINT

/** The value of an extension when it is there. */
bool lint_extension(const struct lint_target *t, enum oid_name name, slice *value);
/** The list inside it: the content of the SEQUENCE that is its whole value; false when it is absent or no SEQUENCE. */
bool lint_extension_list(const struct lint_target *t, enum oid_name name, slice *list);
/** Takes the next attribute of a Name's content (RDNs with several count as several). False at the end and, with
 * `*malformed` set, when it is none. */
bool lint_next_attribute(slice *rdns, slice *rest_of_set, slice *type, struct der_item *value, bool *malformed);
/** The value of the subject's first attribute of this type; false when there is none. */
bool lint_attribute(const struct lint_target *t, enum oid_name name, slice *value);
/** http:// or https:// and printable ASCII without blanks. */
bool lint_is_web_address(slice url);
/** Two letters 'A' to 'Z'. */
bool lint_is_country(slice text);
/** The QC statement's information (empty when it has none); false when it is not claimed. */
bool lint_statement(const struct lint_target *t, enum oid_name name, slice *information);

#endif
