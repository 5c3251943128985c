/* SPDX-License-Identifier: EUPL-1.2 */
#include "authority_profiles.h"

#define POLICY {{"1.3.6.1.4.1.99999.1.1", "https://pki.example.org/cps", NULL}}, .policy_count = 1
#define ADDRESSES                                                                                                      \
    .ocsp = "http://ocsp.example.org", .ca_issuers = "http://pki.example.org/ca.cer",                                  \
    .crl_point = "http://crl.example.org/0.crl"
#define KEYS .keys = {KEY_KIND_RSA | KEY_KIND_P256 | KEY_KIND_P384 | KEY_KIND_P521, 2048, 4096}
#define COUNTRY                                                                                                        \
    {                                                                                                                  \
        OID_COUNTRY, true, "PE", NULL                                                                                  \
    }

const struct profile sample_profiles[SAMPLES] = {
    [SAMPLE_ROOT] = {.name = "root",
                     .kind = LINT_ROOT,
                     .attributes = {COUNTRY,
                                    {OID_ORGANIZATION, true, "Autoridad de Ejemplo", NULL},
                                    {OID_COMMON_NAME, true, NULL, NULL}},
                     .attribute_count = 3,
                     .key_usage = KEY_USAGE_CERT_SIGN | KEY_USAGE_CRL_SIGN,
                     .path_length = -1,
                     .validity_days = 9000,
                     KEYS},
    [SAMPLE_AUTHORITY] = {.name = "issuing",
                          .kind = LINT_AUTHORITY,
                          .attributes = {COUNTRY,
                                         {OID_ORGANIZATION, true, "Autoridad de Ejemplo", NULL},
                                         {OID_COMMON_NAME, true, NULL, NULL}},
                          .attribute_count = 3,
                          .key_usage = KEY_USAGE_CERT_SIGN | KEY_USAGE_CRL_SIGN,
                          .policies = {{"2.5.29.32.0", NULL, NULL}},
                          .policy_count = 1,
                          ADDRESSES,
                          .path_length = 0,
                          .validity_days = 4000,
                          KEYS},
    [SAMPLE_NATURAL] = {.name = "natural",
                        .kind = LINT_NATURAL,
                        .attributes = {COUNTRY,
                                       {OID_SURNAME, false, NULL, NULL},
                                       {OID_GIVEN_NAME, false, NULL, NULL},
                                       {OID_SERIAL_NUMBER, true, NULL, "IDCPE-"},
                                       {OID_COMMON_NAME, true, NULL, NULL},
                                       {OID_TITLE, false, NULL, NULL}},
                        .attribute_count = 6,
                        .key_usage = KEY_USAGE_NON_REPUDIATION,
                        .policies = {{"1.3.6.1.4.1.99999.1.1", "https://pki.example.org/cps",
                                      "Firma de persona natural"}},
                        .policy_count = 1,
                        ADDRESSES,
                        .mail_allowed = true,
                        .qc = {.compliance = true,
                               .device = true,
                               .types = PROFILE_QC_ESIGN,
                               .semantics = PROFILE_SEMANTICS_NATURAL,
                               .disclosures = {{"https://pki.example.org/pds.pdf", "es"}},
                               .laws = {"PE"}},
                        .validity_days = 1095,
                        .backdated_seconds = 300,
                        KEYS},
    [SAMPLE_LEGAL] = {.name = "seal",
                      .kind = LINT_LEGAL,
                      .attributes = {COUNTRY,
                                     {OID_ORGANIZATION, true, NULL, NULL},
                                     {OID_ORGANIZATION_IDENTIFIER, true, NULL, "VATPE-"},
                                     {OID_COMMON_NAME, true, NULL, NULL}},
                      .attribute_count = 4,
                      .key_usage = KEY_USAGE_NON_REPUDIATION | KEY_USAGE_DIGITAL_SIGNATURE,
                      .policies = POLICY,
                      ADDRESSES,
                      .qc = {.types = PROFILE_QC_ESEAL, .semantics = PROFILE_SEMANTICS_LEGAL},
                      .validity_days = 1095,
                      KEYS},
    [SAMPLE_SERVER] = {.name = "server",
                       .kind = LINT_SERVER,
                       .attributes = {COUNTRY, {OID_COMMON_NAME, true, NULL, NULL}},
                       .attribute_count = 2,
                       .key_usage = KEY_USAGE_DIGITAL_SIGNATURE,
                       .purposes = {OID_EKU_SERVER_AUTH, OID_EKU_CLIENT_AUTH},
                       .purpose_count = 2,
                       .policies = POLICY,
                       ADDRESSES,
                       .freshest = "http://crl.example.org/0-delta.crl",
                       .hosts_allowed = true,
                       .validity_days = 90,
                       KEYS},
    [SAMPLE_TIME] = {.name = "time",
                     .kind = LINT_TIME,
                     .attributes = {COUNTRY, {OID_COMMON_NAME, true, NULL, NULL}},
                     .attribute_count = 2,
                     .key_usage = KEY_USAGE_DIGITAL_SIGNATURE,
                     .purposes = {OID_EKU_TIME_STAMPING},
                     .purpose_count = 1,
                     .purposes_critical = true,
                     .policies = POLICY,
                     ADDRESSES,
                     .validity_days = 1825,
                     KEYS},
    [SAMPLE_OCSP] = {.name = "ocsp",
                     .kind = LINT_OCSP,
                     .attributes = {COUNTRY, {OID_COMMON_NAME, true, NULL, NULL}},
                     .attribute_count = 2,
                     .key_usage = KEY_USAGE_DIGITAL_SIGNATURE,
                     .purposes = {OID_EKU_OCSP_SIGNING},
                     .purpose_count = 1,
                     .ocsp_nocheck = true,
                     .validity_days = 30,
                     .may_end_with_issuer = true,
                     KEYS},
};

#define VALUES(...)                                                                                                    \
    {                                                                                                                  \
        (const struct profile_value[]){__VA_ARGS__},                                                                   \
            sizeof((const struct profile_value[]){__VA_ARGS__}) / sizeof(struct profile_value)                         \
    }

static const struct {
    const struct profile_value *values;
    size_t count;
} orders[SAMPLES] = {
    [SAMPLE_ROOT] = VALUES({OID_COMMON_NAME, "Raíz de Ejemplo"}),
    [SAMPLE_AUTHORITY] = VALUES({OID_COMMON_NAME, "Emisora de Ejemplo"}),
    [SAMPLE_NATURAL] = VALUES({OID_SURNAME, "QUISPE ÑAHUI"}, {OID_GIVEN_NAME, "ANA"},
                              {OID_SERIAL_NUMBER, "IDCPE-00000000"}, {OID_COMMON_NAME, "QUISPE ÑAHUI ANA"}),
    [SAMPLE_LEGAL] =
        VALUES({OID_ORGANIZATION, "Municipalidad de Ejemplo"}, {OID_ORGANIZATION_IDENTIFIER, "VATPE-00000000000"},
               {OID_COMMON_NAME, "Sello de la Municipalidad"}),
    [SAMPLE_SERVER] = VALUES({OID_COMMON_NAME, "firma.example.org"}),
    [SAMPLE_TIME] = VALUES({OID_COMMON_NAME, "Sellado de tiempo"}),
    [SAMPLE_OCSP] = VALUES({OID_COMMON_NAME, "Estado de certificados"}),
};

struct profile_order sample_order(enum sample sample, slice spki)
{
    static const char *const mails[] = {"ana@example.org"};
    static const char *const hosts[] = {"firma.example.org", "*.example.org"};
    struct profile_order order = {.values = orders[sample].values,
                                  .value_count = orders[sample].count,
                                  .spki = spki,
                                  .serial =
                                      SLICE("\x01\xA2\xB3\xC4\xD5\xE6\xF7\x08\x19\x2A\x3B\x4C\x5D\x6E\x7F\x80\x91"),
                                  .now = INT64_C(1780272000) * RFD_SECOND};
    if (sample <= SAMPLE_AUTHORITY) order.now -= INT64_C(86400) * RFD_SECOND;
    if (sample == SAMPLE_NATURAL) order.mails = mails, order.mail_count = 1;
    if (sample == SAMPLE_SERVER) order.hosts = hosts, order.host_count = 2;
    return order;
}
