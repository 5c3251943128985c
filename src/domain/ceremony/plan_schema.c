/* SPDX-License-Identifier: EUPL-1.2
 *
 * The words of plans, as tables for libcyaml.
 */
#include "domain/import/import_plan.h"

#include <cyaml/cyaml.h>

enum { NAME_MAXIMUM = 40, TEXT_MAXIMUM = 200, PATH_MAXIMUM = 1000 };

#define NAME(key, type, member) CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, 1, NAME_MAXIMUM)
#define TEXT(key, type, member) CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, 1, TEXT_MAXIMUM)
#define MAY_NAME(key, type, member)                                                                                    \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 1, NAME_MAXIMUM)
#define MAY_TEXT(key, type, member)                                                                                    \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 1, TEXT_MAXIMUM)
#define MAY_PATH(key, type, member)                                                                                    \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 1, PATH_MAXIMUM)
#define UINT(key, type, member)         CYAML_FIELD_UINT(key, CYAML_FLAG_DEFAULT, type, member)
#define MAY_UINT(key, type, member)     CYAML_FIELD_UINT(key, CYAML_FLAG_OPTIONAL, type, member)
#define PART(key, type, member, fields) CYAML_FIELD_MAPPING(key, CYAML_FLAG_DEFAULT, type, member, fields)
#define MAY_PART(key, type, member, fields)                                                                            \
    CYAML_FIELD_MAPPING_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, fields)
#define LIST(key, flags, type, member, count, entry, least, most)                                                      \
    CYAML_FIELD_SEQUENCE_COUNT(key, CYAML_FLAG_POINTER | (flags), type, member, count, entry, least, most)
#define SUBJECT(type) PART("subject", type, subject, subject_fields)

static const cyaml_schema_value_t text_entry = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, TEXT_MAXIMUM)};

static const cyaml_schema_field_t subject_fields[] = {
    MAY_TEXT("c", struct plan_subject, c),
    MAY_TEXT("st", struct plan_subject, st),
    MAY_TEXT("l", struct plan_subject, l),
    MAY_TEXT("o", struct plan_subject, o),
    MAY_TEXT("organizationIdentifier", struct plan_subject, organization_identifier),
    MAY_TEXT("ou", struct plan_subject, ou),
    MAY_TEXT("title", struct plan_subject, title),
    MAY_TEXT("sn", struct plan_subject, sn),
    MAY_TEXT("givenName", struct plan_subject, given_name),
    MAY_TEXT("serialNumber", struct plan_subject, serial_number),
    MAY_TEXT("cn", struct plan_subject, cn),
    CYAML_FIELD_END};

static const cyaml_schema_field_t person_fields[] = {TEXT("name", struct plan_person, name),
                                                     MAY_TEXT("post", struct plan_person, post),
                                                     MAY_PATH("file", struct plan_person, file), CYAML_FIELD_END};
static const cyaml_schema_value_t person_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct plan_person, person_fields)};

static const cyaml_schema_field_t token_fields[] = {
    NAME("name", struct plan_token, name),
    CYAML_FIELD_STRING_PTR("module", CYAML_FLAG_POINTER, struct plan_token, module, 1, PATH_MAXIMUM),
    TEXT("token", struct plan_token, token),
    CYAML_FIELD_STRING_PTR("pin_file", CYAML_FLAG_POINTER, struct plan_token, pin_file, 1, PATH_MAXIMUM),
    CYAML_FIELD_BOOL("network", CYAML_FLAG_OPTIONAL, struct plan_token, network),
    CYAML_FIELD_END};
static const cyaml_schema_value_t token_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct plan_token, token_fields)};

static const cyaml_schema_field_t root_fields[] = {NAME("name", struct plan_root, name),
                                                   SUBJECT(struct plan_root),
                                                   NAME("algorithm", struct plan_root, algorithm),
                                                   UINT("years", struct plan_root, years),
                                                   MAY_UINT("crl_days", struct plan_root, crl_days),
                                                   UINT("needed", struct plan_root, needed),
                                                   LIST("custodians", CYAML_FLAG_DEFAULT, struct plan_root, custodians,
                                                        custodian_count, &person_entry, 2, PLAN_PEOPLE_MAXIMUM),
                                                   CYAML_FIELD_END};

static const cyaml_schema_field_t responder_fields[] = {SUBJECT(struct plan_key),
                                                        NAME("algorithm", struct plan_key, algorithm), CYAML_FIELD_END};
static const cyaml_schema_field_t issuing_fields[] = {
    NAME("name", struct plan_issuing, name),
    SUBJECT(struct plan_issuing),
    NAME("algorithm", struct plan_issuing, algorithm),
    MAY_NAME("token", struct plan_issuing, token),
    UINT("years", struct plan_issuing, years),
    LIST("profiles", CYAML_FLAG_DEFAULT, struct plan_issuing, profiles, profile_count, &text_entry, 1,
         PLAN_PROFILES_MAXIMUM),
    MAY_UINT("partitions", struct plan_issuing, partitions),
    CYAML_FIELD_BOOL("deltas", CYAML_FLAG_OPTIONAL, struct plan_issuing, deltas),
    UINT("instance", struct plan_issuing, instance),
    MAY_UINT("crl_hours", struct plan_issuing, crl_hours),
    MAY_UINT("approval_minutes", struct plan_issuing, approval_minutes),
    MAY_UINT("ocsp_hours", struct plan_issuing, ocsp_hours),
    PART("responder", struct plan_issuing, responder, responder_fields),
    CYAML_FIELD_END};
static const cyaml_schema_value_t issuing_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct plan_issuing, issuing_fields)};

static const cyaml_schema_field_t stamper_fields[] = {NAME("name", struct plan_stamper, name),
                                                      MAY_NAME("issuer", struct plan_stamper, issuer),
                                                      SUBJECT(struct plan_stamper),
                                                      NAME("algorithm", struct plan_stamper, algorithm),
                                                      TEXT("policy", struct plan_stamper, policy),
                                                      UINT("accuracy_ms", struct plan_stamper, accuracy_ms),
                                                      CYAML_FIELD_END};
static const cyaml_schema_value_t stamper_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct plan_stamper, stamper_fields)};

static const cyaml_schema_field_t seal_fields[] = {
    MAY_NAME("issuer", struct plan_service, issuer), SUBJECT(struct plan_service),
    NAME("algorithm", struct plan_service, algorithm), MAY_NAME("token", struct plan_service, token), CYAML_FIELD_END};

static const cyaml_schema_field_t agent_fields[] = {NAME("name", struct plan_agent, name),
                                                    MAY_NAME("issuer", struct plan_agent, issuer),
                                                    SUBJECT(struct plan_agent),
                                                    NAME("algorithm", struct plan_agent, algorithm),
                                                    MAY_TEXT("mail", struct plan_agent, mail),
                                                    MAY_PATH("file", struct plan_agent, file),
                                                    MAY_PATH("password_file", struct plan_agent, password_file),
                                                    LIST("profiles", CYAML_FLAG_DEFAULT, struct plan_agent, profiles,
                                                         profile_count, &text_entry, 1, PLAN_PROFILES_MAXIMUM),
                                                    CYAML_FIELD_END};

static const cyaml_schema_field_t registration_fields[] = {
    MAY_NAME("issuer", struct plan_registration, issuer),
    SUBJECT(struct plan_registration),
    NAME("algorithm", struct plan_registration, algorithm),
    LIST("hosts", CYAML_FLAG_DEFAULT, struct plan_registration, hosts, host_count, &text_entry, 1, PLAN_LIST_MAXIMUM),
    LIST("listen", CYAML_FLAG_DEFAULT, struct plan_registration, listen, listen_count, &text_entry, 1,
         PLAN_LIST_MAXIMUM),
    CYAML_FIELD_END};

static const cyaml_schema_field_t status_fields[] = {
    LIST("listen", CYAML_FLAG_OPTIONAL, struct plan_status, listen, listen_count, &text_entry, 0, PLAN_LIST_MAXIMUM),
    MAY_NAME("clock", struct plan_status, clock), CYAML_FIELD_END};

static const cyaml_schema_field_t mail_fields[] = {TEXT("server", struct plan_mail, server),
                                                   MAY_TEXT("user", struct plan_mail, user),
                                                   MAY_PATH("password_file", struct plan_mail, password_file),
                                                   TEXT("from", struct plan_mail, from),
                                                   TEXT("operator_mail", struct plan_mail, operator_mail),
                                                   CYAML_FIELD_END};

static const cyaml_schema_field_t plan_fields[] = {
    TEXT("title", struct plan, title),
    TEXT("place", struct plan, place),
    TEXT("url", struct plan, url),
    MAY_PATH("database", struct plan, database),
    MAY_NAME("user", struct plan, user),
    MAY_PATH("passphrase_file", struct plan, passphrase_file),
    MAY_PATH("credential", struct plan, credential),
    LIST("tokens", CYAML_FLAG_OPTIONAL, struct plan, tokens, token_count, &token_entry, 0, PLAN_TOKENS_MAXIMUM),
    MAY_UINT("signers", struct plan, signers),
    CYAML_FIELD_BOOL("personal", CYAML_FLAG_OPTIONAL, struct plan, personal),
    PART("root", struct plan, root, root_fields),
    LIST("issuing", CYAML_FLAG_DEFAULT, struct plan, issuing, issuing_count, &issuing_entry, 1, PLAN_ISSUING_MAXIMUM),
    LIST("time_stamping", CYAML_FLAG_OPTIONAL, struct plan, stampers, stamper_count, &stamper_entry, 0,
         PLAN_STAMPERS_MAXIMUM),
    PART("seal", struct plan, seal, seal_fields),
    NAME("log_algorithm", struct plan, log_algorithm),
    PART("agent", struct plan, agent, agent_fields),
    MAY_PART("registration", struct plan, registration, registration_fields),
    CYAML_FIELD_MAPPING("status", CYAML_FLAG_OPTIONAL, struct plan, status, status_fields),
    MAY_TEXT("metrics", struct plan, metrics),
    MAY_PART("mail", struct plan, mail, mail_fields),
    LIST("witnesses", CYAML_FLAG_OPTIONAL, struct plan, witnesses, witness_count, &person_entry, 0,
         PLAN_PEOPLE_MAXIMUM),
    CYAML_FIELD_END};
const cyaml_schema_value_t plan_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct plan, plan_fields)};

/* ---- An authority that is taken over ---- */

static const cyaml_schema_field_t import_fields[] = {
    NAME("name", struct import_plan, name),
    LIST("profiles", CYAML_FLAG_DEFAULT, struct import_plan, profiles, profile_count, &text_entry, 1,
         PLAN_PROFILES_MAXIMUM),
    UINT("instance", struct import_plan, instance),
    MAY_UINT("partitions", struct import_plan, partitions),
    MAY_TEXT("ocsp", struct import_plan, ocsp),
    MAY_TEXT("ca_issuers", struct import_plan, ca_issuers),
    TEXT("crl_point", struct import_plan, crl_point),
    MAY_TEXT("freshest", struct import_plan, freshest),
    MAY_UINT("crl_hours", struct import_plan, crl_hours),
    MAY_UINT("approval_minutes", struct import_plan, approval_minutes),
    MAY_UINT("ocsp_hours", struct import_plan, ocsp_hours),
    MAY_PART("responder", struct import_plan, responder, responder_fields),
    CYAML_FIELD_END};
const cyaml_schema_value_t import_plan_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct import_plan, import_fields)};
