/* SPDX-License-Identifier: EUPL-1.2
 *
 * The words of a profiles.yaml, as tables for libcyaml.
 */
#include "packs/profile_schema.h"

#include "pki/oid.h"

#include <cyaml/cyaml.h>

enum { NAME_MAXIMUM = 40, TEXT_MAXIMUM = 200, ADDRESS_MAXIMUM = 255 };

#define TEXT(key, type, member) CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, 1, TEXT_MAXIMUM)
#define MAY_TEXT(key, type, member)                                                                                    \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 1, TEXT_MAXIMUM)
#define MAY_ADDRESS(key, type, member)                                                                                 \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 1, ADDRESS_MAXIMUM)
#define MAY_BOOL(key, type, member) CYAML_FIELD_BOOL(key, CYAML_FLAG_OPTIONAL, type, member)
#define MAY_UINT(key, type, member) CYAML_FIELD_UINT(key, CYAML_FLAG_OPTIONAL, type, member)
#define COUNT(table)                CYAML_ARRAY_LEN(table)

static const cyaml_strval_t kinds[] = {
    {"root", LINT_ROOT},          {"authority", LINT_AUTHORITY}, {"natural-person", LINT_NATURAL},
    {"legal-person", LINT_LEGAL}, {"tls", LINT_SERVER},          {"time-stamping", LINT_TIME},
    {"ocsp", LINT_OCSP}};
static const cyaml_strval_t usages[] = {{"digitalSignature", KEY_USAGE_DIGITAL_SIGNATURE},
                                        {"nonRepudiation", KEY_USAGE_NON_REPUDIATION},
                                        {"keyEncipherment", KEY_USAGE_KEY_ENCIPHERMENT},
                                        {"dataEncipherment", KEY_USAGE_DATA_ENCIPHERMENT},
                                        {"keyAgreement", KEY_USAGE_KEY_AGREEMENT},
                                        {"keyCertSign", KEY_USAGE_CERT_SIGN},
                                        {"cRLSign", KEY_USAGE_CRL_SIGN}};
static const cyaml_strval_t purposes[] = {
    {"serverAuth", OID_EKU_SERVER_AUTH},          {"clientAuth", OID_EKU_CLIENT_AUTH},
    {"codeSigning", OID_EKU_CODE_SIGNING},        {"emailProtection", OID_EKU_EMAIL_PROTECTION},
    {"timeStamping", OID_EKU_TIME_STAMPING},      {"OCSPSigning", OID_EKU_OCSP_SIGNING},
    {"documentSigning", OID_EKU_DOCUMENT_SIGNING}};
static const cyaml_strval_t qc_types[] = {
    {"esign", PROFILE_QC_ESIGN}, {"eseal", PROFILE_QC_ESEAL}, {"web", PROFILE_QC_WEB}};
static const cyaml_strval_t semantics[] = {
    {"none", PROFILE_NO_SEMANTICS}, {"natural", PROFILE_SEMANTICS_NATURAL}, {"legal", PROFILE_SEMANTICS_LEGAL}};
static const cyaml_strval_t names[] = {{"mail", PACK_MAIL}, {"hosts", PACK_HOSTS}};
static const cyaml_strval_t keys[] = {{"rsa", KEY_KIND_RSA},
                                      {"p256", KEY_KIND_P256},
                                      {"p384", KEY_KIND_P384},
                                      {"p521", KEY_KIND_P521},
                                      {"ed25519", KEY_KIND_ED25519}};

static const cyaml_schema_field_t title_fields[] = {TEXT("es", struct pack_title, es),
                                                    TEXT("ca", struct pack_title, ca),
                                                    TEXT("en", struct pack_title, en), CYAML_FIELD_END};

static const cyaml_schema_field_t attribute_fields[] = {
    TEXT("attribute", struct pack_attribute, attribute), MAY_BOOL("required", struct pack_attribute, required),
    MAY_TEXT("fixed", struct pack_attribute, fixed), MAY_TEXT("prefix", struct pack_attribute, prefix),
    CYAML_FIELD_END};
static const cyaml_schema_value_t attribute_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct pack_attribute, attribute_fields)};

static const cyaml_schema_field_t policy_fields[] = {TEXT("oid", struct pack_policy, oid),
                                                     MAY_ADDRESS("cps", struct pack_policy, cps),
                                                     MAY_TEXT("notice", struct pack_policy, notice), CYAML_FIELD_END};
static const cyaml_schema_value_t policy_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct pack_policy, policy_fields)};

static const cyaml_schema_field_t disclosure_fields[] = {
    TEXT("url", struct pack_disclosure, url), TEXT("language", struct pack_disclosure, language), CYAML_FIELD_END};
static const cyaml_schema_value_t disclosure_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct pack_disclosure, disclosure_fields)};

static const cyaml_schema_field_t law_fields[] = {TEXT("country", struct pack_law, country), CYAML_FIELD_END};
static const cyaml_schema_value_t law_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct pack_law, law_fields)};

static const cyaml_schema_field_t qc_fields[] = {
    MAY_BOOL("compliance", struct pack_qc, compliance),
    MAY_BOOL("device", struct pack_qc, device),
    CYAML_FIELD_FLAGS("types", CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct pack_qc, types, qc_types,
                      COUNT(qc_types)),
    CYAML_FIELD_ENUM("semantics", CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct pack_qc, semantics, semantics,
                     COUNT(semantics)),
    CYAML_FIELD_SEQUENCE_COUNT("disclosures", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct pack_qc, disclosures,
                               disclosure_count, &disclosure_schema, 0, PROFILE_DISCLOSURES_MAXIMUM - 1),
    CYAML_FIELD_SEQUENCE_COUNT("legislation", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct pack_qc, laws, law_count,
                               &law_schema, 0, PROFILE_LAWS_MAXIMUM - 1),
    CYAML_FIELD_END};

static const cyaml_schema_value_t purpose_schema = {
    CYAML_VALUE_ENUM(CYAML_FLAG_STRICT, enum oid_name, purposes, COUNT(purposes))};

static const cyaml_schema_field_t entry_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct profile_entry, name, 1, NAME_MAXIMUM),
    CYAML_FIELD_MAPPING("title", CYAML_FLAG_DEFAULT, struct profile_entry, title, title_fields),
    CYAML_FIELD_ENUM("kind", CYAML_FLAG_STRICT, struct profile_entry, kind, kinds, COUNT(kinds)),
    CYAML_FIELD_SEQUENCE_COUNT("subject", CYAML_FLAG_POINTER, struct profile_entry, subject, subject_count,
                               &attribute_schema, 1, PROFILE_ATTRIBUTES_MAXIMUM),
    CYAML_FIELD_FLAGS("key_usage", CYAML_FLAG_STRICT, struct profile_entry, key_usage, usages, COUNT(usages)),
    CYAML_FIELD_SEQUENCE_COUNT("purposes", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct profile_entry, purposes,
                               purpose_count, &purpose_schema, 0, PROFILE_PURPOSES_MAXIMUM),
    MAY_BOOL("purposes_critical", struct profile_entry, purposes_critical),
    CYAML_FIELD_SEQUENCE_COUNT("policies", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct profile_entry, policies,
                               policy_count, &policy_schema, 0, PROFILE_POLICIES_MAXIMUM),
    CYAML_FIELD_MAPPING_PTR("qc", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct profile_entry, qc, qc_fields),
    CYAML_FIELD_FLAGS("names", CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct profile_entry, names, names,
                      COUNT(names)),
    MAY_BOOL("ocsp_nocheck", struct profile_entry, ocsp_nocheck),
    CYAML_FIELD_INT_PTR("path_length", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct profile_entry, path_length),
    CYAML_FIELD_UINT("days", CYAML_FLAG_DEFAULT, struct profile_entry, days),
    MAY_UINT("backdated", struct profile_entry, backdated),
    MAY_BOOL("may_end_with_issuer", struct profile_entry, may_end_with_issuer),
    CYAML_FIELD_FLAGS("keys", CYAML_FLAG_STRICT, struct profile_entry, keys, keys, COUNT(keys)),
    CYAML_FIELD_UINT_PTR("rsa_minimum", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct profile_entry, rsa_minimum),
    CYAML_FIELD_UINT_PTR("rsa_maximum", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct profile_entry, rsa_maximum),
    MAY_UINT("approvals", struct profile_entry, approvals),
    MAY_UINT("renewal", struct profile_entry, renewal),
    MAY_BOOL("agent", struct profile_entry, agent),
    MAY_BOOL("central", struct profile_entry, central),
    CYAML_FIELD_END};
static const cyaml_schema_value_t entry_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct profile_entry, entry_fields)};

static const cyaml_schema_field_t file_fields[] = {CYAML_FIELD_SEQUENCE_COUNT("profiles", CYAML_FLAG_POINTER,
                                                                              struct pack_file, profiles, profile_count,
                                                                              &entry_schema, 1, CYAML_UNLIMITED),
                                                   CYAML_FIELD_END};
const cyaml_schema_value_t profiles_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct pack_file, file_fields)};
