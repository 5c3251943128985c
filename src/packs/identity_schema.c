/* SPDX-License-Identifier: EUPL-1.2 */
#include "packs/identity_schema.h"

#include <cyaml/cyaml.h>

enum { NAME_MAXIMUM = 20, TEXT_MAXIMUM = 200 };

#define TEXT(key, type, member) CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, 1, TEXT_MAXIMUM)
#define NAME(key, type, member) CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, 1, NAME_MAXIMUM)

static const cyaml_strval_t checks[] = {
#define IDENTITY_CHECK(text, function) {text, IDENTITY_CHECK_##function},
#include "packs/identity_check.def"
#undef IDENTITY_CHECK
};

static const cyaml_schema_field_t hint_fields[] = {TEXT("es", struct identity_hint, es),
                                                   TEXT("ca", struct identity_hint, ca),
                                                   TEXT("en", struct identity_hint, en), CYAML_FIELD_END};

static const cyaml_schema_field_t entry_fields[] = {
    NAME("name", struct identity_entry, name),
    TEXT("label", struct identity_entry, label),
    CYAML_FIELD_MAPPING("hint", CYAML_FLAG_DEFAULT, struct identity_entry, hint, hint_fields),
    TEXT("pattern", struct identity_entry, pattern),
    CYAML_FIELD_ENUM("check", CYAML_FLAG_STRICT, struct identity_entry, check, checks, CYAML_ARRAY_LEN(checks)),
    CYAML_FIELD_BOOL("check_warns", CYAML_FLAG_OPTIONAL, struct identity_entry, check_warns),
    CYAML_FIELD_UINT("pad", CYAML_FLAG_OPTIONAL, struct identity_entry, pad),
    CYAML_FIELD_UINT("keep", CYAML_FLAG_OPTIONAL, struct identity_entry, keep),
    CYAML_FIELD_BOOL("entity", CYAML_FLAG_OPTIONAL, struct identity_entry, entity),
    CYAML_FIELD_STRING_PTR("subject", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct identity_entry, subject, 1,
                           NAME_MAXIMUM),
    CYAML_FIELD_END};
static const cyaml_schema_value_t entry_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct identity_entry, entry_fields)};

static const cyaml_schema_field_t file_fields[] = {
    CYAML_FIELD_SEQUENCE_COUNT("documents", CYAML_FLAG_POINTER, struct identity_file, documents, document_count,
                               &entry_schema, 1, IDENTITY_DOCUMENTS_MAXIMUM),
    CYAML_FIELD_END};
const cyaml_schema_value_t identity_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct identity_file, file_fields)};
