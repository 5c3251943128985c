/* SPDX-License-Identifier: EUPL-1.2
 *
 * The words of a registration.yaml, as tables for libcyaml.
 */
#include "packs/registration_schema.h"

#include "packs/registration_value.h"

#include <cyaml/cyaml.h>

enum { NAME_MAXIMUM = 40, LAW_MAXIMUM = 6000 };

#define STRING(key, type, member, maximum) CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, 1, maximum)
#define MAY_STRING(key, type, member, maximum)                                                                         \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 1, maximum)

static const cyaml_schema_field_t text_fields[] = {
    STRING("es", struct registration_text, es, LAW_MAXIMUM), STRING("ca", struct registration_text, ca, LAW_MAXIMUM),
    STRING("en", struct registration_text, en, LAW_MAXIMUM), CYAML_FIELD_END};

static const cyaml_schema_field_t fee_fields[] = {
    STRING("code", struct registration_fee, code, NAME_MAXIMUM),
    STRING("payee", struct registration_fee, payee, NAME_MAXIMUM),
    STRING("currency", struct registration_fee, currency, NAME_MAXIMUM),
    CYAML_FIELD_UINT("amount", CYAML_FLAG_DEFAULT, struct registration_fee, amount), CYAML_FIELD_END};

static const cyaml_schema_field_t entry_fields[] = {
    STRING("code", struct registration_entry, code, PACK_CODE_MAXIMUM),
    STRING("es", struct registration_entry, es, PACK_TITLE_MAXIMUM),
    STRING("ca", struct registration_entry, ca, PACK_TITLE_MAXIMUM),
    STRING("en", struct registration_entry, en, PACK_TITLE_MAXIMUM),
    MAY_STRING("value", struct registration_entry, value, PACK_VALUE_MAXIMUM),
    CYAML_FIELD_END};
static const cyaml_schema_value_t entry_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct registration_entry, entry_fields)};

static const cyaml_schema_field_t list_fields[] = {
    STRING("name", struct registration_list, name, NAME_MAXIMUM),
    CYAML_FIELD_SEQUENCE_COUNT("entries", CYAML_FLAG_POINTER, struct registration_list, entries, entry_count,
                               &entry_schema, 1, REGISTRATION_ENTRIES_MAXIMUM),
    CYAML_FIELD_END};
static const cyaml_schema_value_t list_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct registration_list, list_fields)};

static const cyaml_schema_field_t file_fields[] = {
    STRING("documents", struct registration_file, documents, NAME_MAXIMUM),
    MAY_STRING("second", struct registration_file, second, NAME_MAXIMUM),
    STRING("profile", struct registration_file, profile, NAME_MAXIMUM),
    STRING("agency_profile", struct registration_file, agency_profile, NAME_MAXIMUM),
    STRING("key", struct registration_file, key, NAME_MAXIMUM),
    CYAML_FIELD_UINT("renewal_days", CYAML_FLAG_DEFAULT, struct registration_file, renewal_days),
    STRING("reminders", struct registration_file, reminders, NAME_MAXIMUM),
    CYAML_FIELD_MAPPING_PTR("fee", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct registration_file, fee, fee_fields),
    CYAML_FIELD_MAPPING("responsibility", CYAML_FLAG_DEFAULT, struct registration_file, responsibility, text_fields),
    CYAML_FIELD_MAPPING("statement", CYAML_FLAG_DEFAULT, struct registration_file, statement, text_fields),
    CYAML_FIELD_SEQUENCE_COUNT("catalogues", CYAML_FLAG_POINTER, struct registration_file, catalogues, catalogue_count,
                               &list_schema, 1, REGISTRATION_CATALOGUES_MAXIMUM),
    CYAML_FIELD_END};
const cyaml_schema_value_t registration_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct registration_file, file_fields)};
