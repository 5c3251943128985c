/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a certificate may be used for, one row for each purpose.
 *
 * Signing documents: keyUsage absent or with digitalSignature or nonRepudiation (EN 319 412-2 §4.3.2 types A-F), and
 * an extendedKeyUsage that is absent or names a use that certificates for people and seals carry in practice. Time
 * stamps: RFC 3161 §2.3 (extendedKeyUsage critical, timeStamping alone). OCSP: RFC 6960 §4.2.2.2 (the CA itself, or
 * OCSPSigning).
 */
#include "pki/path/path.h"

#include "pki/oid.h"

#include <stdio.h>

enum { SIGNING_USAGE = KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION, ROW_EKUS = 6 };

struct purpose_row {
    const char *name;
    unsigned key_usage;           /* one of these, when keyUsage is there; 0: not looked at */
    enum oid_name ekus[ROW_EKUS]; /* one of these; ends with OID_COUNT */
    bool eku_required;
    bool eku_critical_and_alone;
    bool authority_instead; /* a CA needs no extendedKeyUsage */
};

static const struct purpose_row rows[] = {
    [PATH_SIGNER] = {.name = "signing documents",
                     .key_usage = SIGNING_USAGE,
                     .ekus = {OID_EKU_EMAIL_PROTECTION, OID_EKU_CLIENT_AUTH, OID_EKU_DOCUMENT_SIGNING,
                              OID_EKU_MICROSOFT_DOCUMENT_SIGNING, OID_EKU_ADOBE_PDF_SIGNING,
                              OID_ANY_EXTENDED_KEY_USAGE}},
    [PATH_TSA] = {.name = "time stamping",
                  .key_usage = SIGNING_USAGE,
                  .ekus = {OID_EKU_TIME_STAMPING, OID_COUNT},
                  .eku_required = true,
                  .eku_critical_and_alone = true},
    [PATH_OCSP] = {.name = "answering OCSP",
                   .key_usage = SIGNING_USAGE,
                   .ekus = {OID_EKU_OCSP_SIGNING, OID_COUNT},
                   .eku_required = true,
                   .authority_instead = true},
    [PATH_ANY] = {.name = "any use", .ekus = {OID_COUNT}},
};

const char *path_fault_text(enum path_fault fault)
{
    static const char *const texts[] = {
#define X(name, text) [PATH_FAULT_##name] = text,
        PATH_FAULTS(X)
#undef X
    };
    return (unsigned)fault < sizeof texts / sizeof texts[0] ? texts[fault] : "unknown";
}

static bool eku_allowed(const struct certificate *c, const struct purpose_row *row, char detail[160])
{
    bool present = false;
    bool critical = false;
    bool only = false;
    bool found = false;
    for (size_t i = 0; i < ROW_EKUS && row->ekus[i] != OID_COUNT && !found; i++) {
        found = certificate_has_eku(c, oid(row->ekus[i]), &present, &critical, &only);
        if (!present) break;
    }
    const char *wrong = NULL;
    if (!present && row->eku_required) wrong = "it has no extendedKeyUsage";
    if (present && !found) wrong = "its extendedKeyUsage lists other uses only";
    if (found && row->eku_critical_and_alone && !critical) wrong = "its extendedKeyUsage is not critical";
    if (found && row->eku_critical_and_alone && !only) wrong = "its extendedKeyUsage lists other uses too";
    if (wrong != NULL) (void)snprintf(detail, 160, "not for %s: %s", row->name, wrong);
    return wrong == NULL;
}

bool path_purpose_allowed(const struct certificate *c, enum path_purpose purpose, char detail[160])
{
    if (purpose == PATH_ANY) return true;
    const struct purpose_row *row = &rows[purpose];
    if (row->authority_instead && c->is_ca) return true;
    if (c->has_key_usage && (c->key_usage & row->key_usage) == 0) {
        (void)snprintf(detail, 160, "not for %s: its keyUsage has neither digitalSignature nor nonRepudiation",
                       row->name);
        return false;
    }
    return eku_allowed(c, row, detail);
}
