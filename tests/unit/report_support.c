/* SPDX-License-Identifier: EUPL-1.2 */
#include "report_support.h"

#include "base/clock.h"

enum { LONG_PATH = 3 };
#define DAY (INT64_C(86400) * RFD_SECOND)

const char report_hostile_text[] =
    "</title></text></script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&\xE2\x80\xAEgnp.exe\x1B[31m\xFF";

static rfd_time moment(const char *iso)
{
    rfd_time t = RFD_TIME_NONE;
    (void)clock_parse_iso(slice_text(iso), &t);
    return t;
}

static const struct rfd_signature_report plain = {
    .field = "Signature1",
    .signer = "Alba Ejemplo Roca",
    .sub_filter = "ETSI.CAdES.detached",
    .reason = "",
    .location = "",
    .contact = "",
    .name = "",
    .claimed_time = RFD_TIME_NONE,
    .proven_time = RFD_TIME_NONE,
    .intact = true,
    .covers_whole_file = true,
    .revision = 2,
    .changes_allowed = true,
    .baseline = true,
    .digest_algorithm = "SHA-256",
    .signature_algorithm = "ECDSA P-256",
};

/* --- Paths ------------------------------------------------------------------------------------------------------- */

static struct rfd_certificate_report certificate(const char *subject, const char *issuer, rfd_time from, int years)
{
    return (struct rfd_certificate_report){
        .subject = subject,
        .issuer = issuer,
        .serial = "4d00a1b2c3",
        .fingerprint = "7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069",
        .key = "P-256",
        .not_before = from,
        .not_after = from + years * 365 * DAY,
        .revocation = RFD_REVOCATION_GOOD,
        .revocation_source = "ocsp, document",
        .revoked_at = RFD_TIME_NONE,
        .this_update = from + 100 * DAY,
        .next_update = from + 107 * DAY,
        .revocation_detail = "",
    };
}

static void fill_path(struct rfd_certificate_report path[LONG_PATH], const char *subject, rfd_time from, int years)
{
    path[0] = certificate(subject, "CN=CA Emisora de Ejemplo,O=Entidad de Certificación", from, years);
    path[1] = certificate("CN=CA Emisora de Ejemplo,O=Entidad de Certificación",
                          "CN=CA Raíz de Ejemplo,O=Entidad de Certificación", from - 400 * DAY, 10);
    path[2] = certificate("CN=CA Raíz de Ejemplo,O=Entidad de Certificación",
                          "CN=CA Raíz de Ejemplo,O=Entidad de Certificación", from - 800 * DAY, 25);
    path[1].revocation_source = "crl, document";
    path[2].anchor = true;
    path[2].revocation = RFD_REVOCATION_NOT_NEEDED;
    path[2].revocation_source = "";
}

/* --- Today ------------------------------------------------------------------------------------------------------- */

struct report_source report_short(void)
{
    static struct rfd_certificate_report path[LONG_PATH];
    static struct rfd_timestamp_report stamp;
    static struct rfd_signature_report one;
    rfd_time now = moment("2026-11-21T18:50:24Z");
    fill_path(path, "CN=Alba Ejemplo Roca,title=Alcaldesa,O=Ajuntament de Valdehierro", now - 300 * DAY, 3);
    stamp = (struct rfd_timestamp_report){.time = now - 60 * RFD_SECOND,
                                          .valid = true,
                                          .digest = "SHA-256",
                                          .path = path,
                                          .path_count = LONG_PATH,
                                          .detail = ""};
    one = plain;
    one.claimed_time = now - 62 * RFD_SECOND;
    one.proven_time = stamp.time;
    one.level = RFD_LEVEL_B_LT;
    one.reason = "Aprobación de la resolución 12/2026";
    one.location = "Valdehierro";
    one.path = path;
    one.path_count = LONG_PATH;
    one.timestamps = &stamp;
    one.timestamp_count = 1;
    return (struct report_source){
        .name = "resolucion-firmada.pdf", .signatures = &one, .count = 1, .revisions = 2, .time = now};
}

struct report_source report_unsigned(void)
{
    return (struct report_source){.name = "borrador.pdf", .revisions = 1, .time = moment("2026-11-21T18:50:24Z")};
}

struct report_source report_hostile(void)
{
    static struct rfd_certificate_report path[1];
    static struct rfd_timestamp_report stamp;
    static struct rfd_finding finding;
    static struct rfd_signature_report one;
    const char *evil = report_hostile_text;
    path[0] = certificate(evil, evil, 0, 1);
    path[0].serial = path[0].fingerprint = path[0].key = path[0].revocation_detail = evil;
    stamp = (struct rfd_timestamp_report){
        .time = RFD_TIME_NONE, .digest = evil, .path = path, .path_count = 1, .detail = evil};
    finding = (struct rfd_finding){.code = RFD_FINDING_ACTIVE_CONTENT,
                                   .severity = RFD_SEVERITY_WARNING,
                                   .object = 7,
                                   .revision = 1,
                                   .detail = evil};
    one = plain;
    one.signer = one.field = one.sub_filter = one.reason = one.location = one.contact = one.name = evil;
    one.digest_algorithm = one.signature_algorithm = evil;
    one.baseline = false;
    one.indication = RFD_INDETERMINATE;
    one.sub_indication = RFD_SUB_NO_CERTIFICATE_CHAIN_FOUND;
    one.claimed_time = moment("0001-01-01T00:00:00Z");
    one.path = path;
    one.path_count = 1;
    one.timestamps = &stamp;
    one.timestamp_count = 1;
    one.findings = &finding;
    one.finding_count = 1;
    path[0].not_before = moment("0001-01-01T00:00:00Z");
    path[0].not_after = moment("9999-12-31T23:59:59Z");
    return (struct report_source){.name = evil,
                                  .signatures = &one,
                                  .count = 1,
                                  .revisions = 2,
                                  .time = moment("2026-11-21T18:50:24Z"),
                                  .findings = &finding,
                                  .finding_count = 1};
}

/* --- Thirty years ------------------------------------------------------------------------------------------------ */

static const struct {
    const char *signer, *claimed, *proven;
    enum rfd_signature_kind kind;
    enum rfd_indication indication;
    enum rfd_sub_indication sub;
    const char *revoked;
    enum rfd_finding_code finding;
} history[REPORT_LONG_SIGNATURES] = {
    {"Alba Ejemplo Roca", "1997-03-02T09:00:00Z", "1997-03-02T09:00:20Z", RFD_KIND_CERTIFICATION, RFD_TOTAL_PASSED,
     RFD_SUB_NONE, NULL, RFD_FINDING_CHANGE_SIGNATURE},
    {"Bruno Muestra Ñandú", "1997-03-05T11:30:00Z", "1997-03-05T11:30:09Z", RFD_KIND_APPROVAL, RFD_TOTAL_PASSED,
     RFD_SUB_NONE, "1998-06-01T00:00:00Z", RFD_FINDING_CERTIFICATE_REVOKED},
    {"Clàudia d'Exemple i Prat", "1997-03-05T17:45:00Z", "1997-03-05T17:45:11Z", RFD_KIND_ENDORSEMENT, RFD_TOTAL_PASSED,
     RFD_SUB_NONE, NULL, RFD_FINDING_CHANGE_SIGNATURE},
    {"Autoridad de Sellado de Tiempo del Estado", NULL, "1997-03-06T00:00:00Z", RFD_KIND_DOCUMENT_TIMESTAMP,
     RFD_TOTAL_PASSED, RFD_SUB_NONE, NULL, RFD_FINDING_CHANGE_DSS},
    {"Secretaría General del Gobierno Regional de Qosqo – Sello electrónico institucional", "2004-01-10T08:00:00Z",
     "2004-01-10T08:00:05Z", RFD_KIND_APPROVAL, RFD_TOTAL_PASSED, RFD_SUB_NONE, NULL, RFD_FINDING_CHANGE_SIGNATURE},
    {"TSA Nacional 2", NULL, "2004-02-01T00:00:00Z", RFD_KIND_DOCUMENT_TIMESTAMP, RFD_TOTAL_PASSED, RFD_SUB_NONE, NULL,
     RFD_FINDING_CHANGE_DSS},
    {"Diego Prueba", "2009-07-01T10:00:00Z", NULL, RFD_KIND_APPROVAL, RFD_INDETERMINATE, RFD_SUB_OUT_OF_BOUNDS_NO_POE,
     NULL, RFD_FINDING_NO_TIME_PROOF},
    {"TSA Nacional 3", NULL, "2012-02-01T00:00:00Z", RFD_KIND_DOCUMENT_TIMESTAMP, RFD_TOTAL_PASSED, RFD_SUB_NONE, NULL,
     RFD_FINDING_CHANGE_DSS},
    {"Elena Caso", "2019-05-20T16:00:00Z", "2019-05-20T16:00:04Z", RFD_KIND_APPROVAL, RFD_TOTAL_FAILED,
     RFD_SUB_HASH_FAILURE, NULL, RFD_FINDING_DIGEST_MISMATCH},
    {"Félix Intento", "2150-01-01T00:00:00Z", NULL, RFD_KIND_APPROVAL, RFD_INDETERMINATE,
     RFD_SUB_NO_CERTIFICATE_CHAIN_FOUND, NULL, RFD_FINDING_PATH_NOT_FOUND},
    {"TSA Nacional 4", NULL, "2020-02-01T00:00:00Z", RFD_KIND_DOCUMENT_TIMESTAMP, RFD_TOTAL_PASSED, RFD_SUB_NONE, NULL,
     RFD_FINDING_CHANGE_DSS},
    {"Gala Modelo", "2026-11-21T18:00:00Z", "2026-11-21T18:00:03Z", RFD_KIND_APPROVAL, RFD_TOTAL_PASSED, RFD_SUB_NONE,
     NULL, RFD_FINDING_CHANGE_FORM},
};

static void fill_one(struct rfd_signature_report *s, struct rfd_certificate_report path[LONG_PATH],
                     struct rfd_timestamp_report *stamp, struct rfd_finding *finding, size_t i)
{
    const char *from = history[i].proven != NULL ? history[i].proven : history[i].claimed;
    bool absurd = strcmp(from, "2150-01-01T00:00:00Z") == 0;
    fill_path(path, "CN=Persona de Ejemplo,O=Ajuntament de Valdehierro",
              moment(absurd ? "2019-06-01" : from) - 200 * DAY, 3);
    *finding =
        (struct rfd_finding){.code = history[i].finding, .object = 12, .revision = (uint32_t)i + 2, .detail = ""};
    finding->severity = history[i].indication == RFD_TOTAL_FAILED   ? RFD_SEVERITY_ERROR
                        : history[i].indication == RFD_TOTAL_PASSED ? RFD_SEVERITY_INFO
                                                                    : RFD_SEVERITY_WARNING;
    *s = plain;
    s->signer = history[i].signer;
    s->kind = history[i].kind;
    s->certification = history[i].kind == RFD_KIND_CERTIFICATION ? 2 : 0;
    s->indication = history[i].indication;
    s->sub_indication = history[i].sub;
    s->claimed_time = history[i].claimed == NULL ? RFD_TIME_NONE : moment(history[i].claimed);
    s->proven_time = history[i].proven == NULL ? RFD_TIME_NONE : moment(history[i].proven);
    s->intact = history[i].indication != RFD_TOTAL_FAILED;
    s->covers_whole_file = i + 1 == REPORT_LONG_SIGNATURES;
    s->changes = s->covers_whole_file ? RFD_CHANGE_NONE : RFD_CHANGE_FORM;
    s->revision = (uint32_t)i + 2;
    s->level = history[i].proven == NULL ? RFD_LEVEL_B_B : RFD_LEVEL_B_LTA;
    s->path = path;
    s->path_count = LONG_PATH;
    s->findings = finding;
    s->finding_count = 1;
    if (history[i].revoked != NULL) {
        path[0].revocation = RFD_REVOCATION_REVOKED;
        path[0].revoked_at = moment(history[i].revoked);
    }
    if (history[i].proven == NULL || history[i].kind == RFD_KIND_DOCUMENT_TIMESTAMP) return;
    *stamp = (struct rfd_timestamp_report){
        .time = s->proven_time, .valid = true, .digest = "SHA-256", .path = path + 1, .path_count = 2, .detail = ""};
    s->timestamps = stamp;
    s->timestamp_count = 1;
}

struct report_source report_long(void)
{
    static struct rfd_signature_report signatures[REPORT_LONG_SIGNATURES];
    static struct rfd_certificate_report paths[REPORT_LONG_SIGNATURES][LONG_PATH];
    static struct rfd_timestamp_report stamps[REPORT_LONG_SIGNATURES];
    static struct rfd_finding findings[REPORT_LONG_SIGNATURES];
    static const struct rfd_finding about_document = {
        .code = RFD_FINDING_ACTIVE_CONTENT, .severity = RFD_SEVERITY_WARNING, .detail = "JavaScript"};
    for (size_t i = 0; i < REPORT_LONG_SIGNATURES; i++) fill_one(&signatures[i], paths[i], &stamps[i], &findings[i], i);
    return (struct report_source){.name = "expediente-1997-0042.pdf",
                                  .signatures = signatures,
                                  .count = REPORT_LONG_SIGNATURES,
                                  .revisions = REPORT_LONG_SIGNATURES + 1,
                                  .time = moment("2026-11-21T18:50:24Z"),
                                  .findings = &about_document,
                                  .finding_count = 1};
}
