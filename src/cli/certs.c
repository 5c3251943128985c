/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda certs show, list, demo.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/source.h"
#include "cli/command.h"
#include "cli/credentials.h"
#include "cli/json.h"
#include "cli/safe_text.h"
#include "pki/certificate/certificate.h"
#include "pki/issue/issue.h"
#include "pki/keys/key.h"
#include "pki/keys/token_list.h"

#include <jansson.h>

static const struct {
    unsigned mask;
    const char *name;
} usages[] = {
    {KEY_USAGE_DIGITAL_SIGNATURE, "digitalSignature"},
    {KEY_USAGE_NON_REPUDIATION, "nonRepudiation"},
    {KEY_USAGE_KEY_ENCIPHERMENT, "keyEncipherment"},
    {KEY_USAGE_DATA_ENCIPHERMENT, "dataEncipherment"},
    {KEY_USAGE_KEY_AGREEMENT, "keyAgreement"},
    {KEY_USAGE_CERT_SIGN, "keyCertSign"},
    {KEY_USAGE_CRL_SIGN, "cRLSign"},
};

/** A certificate's shown fields as text. */
struct shown {
    struct buf subject, issuer, serial, fingerprint, usage;
};

static void show_init(struct shown *s, const struct certificate *c)
{
    enum { FIELD_MAXIMUM = 8192 };
    struct buf *all[] = {&s->subject, &s->issuer, &s->serial, &s->fingerprint, &s->usage};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) buf_init(all[i], FIELD_MAXIMUM);
    certificate_put_name(&s->subject, c->subject);
    certificate_put_name(&s->issuer, c->issuer);
    buf_put_hex(&s->serial, c->serial, false);
    buf_put_hex(&s->fingerprint, slice_of(c->fingerprint, sizeof c->fingerprint), false);
    for (size_t i = 0; i < sizeof usages / sizeof *usages; i++) {
        if ((c->key_usage & usages[i].mask) == 0) continue;
        if (s->usage.length > 0) buf_put_text(&s->usage, ", ");
        buf_put_text(&s->usage, usages[i].name);
    }
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) buf_put_byte(all[i], 0);
}

static void show_dispose(struct shown *s)
{
    buf_dispose(&s->subject);
    buf_dispose(&s->issuer);
    buf_dispose(&s->serial);
    buf_dispose(&s->fingerprint);
    buf_dispose(&s->usage);
}

static const char *text_of(const struct buf *b)
{
    return b->data == NULL || b->status != RFD_OK ? "" : (const char *)b->data;
}

static void print_certificate(const struct certificate *c, json_t *list)
{
    struct shown s;
    char from[MOMENT_SIZE];
    char until[MOMENT_SIZE];
    show_init(&s, c);
    if (list != NULL) {
        (void)json_array_append_new(
            list, json_pack("{s:o, s:o, s:s, s:s, s:s, s:s, s:s, s:b}", "subject", safe_json(text_of(&s.subject)),
                            "issuer", safe_json(text_of(&s.issuer)), "serial", text_of(&s.serial), "not_before",
                            clock_iso(c->not_before, from), "not_after", clock_iso(c->not_after, until), "sha256",
                            text_of(&s.fingerprint), "key_usage", text_of(&s.usage), "ca", c->is_ca));
    } else {
        (void)fputs(style_on(stdout, STYLE_BOLD), stdout);
        safe_print(stdout, text_of(&s.subject));
        (void)printf("%s\n  %s: ", style_on(stdout, STYLE_PLAIN), tr(N_("issuer")));
        safe_print(stdout, text_of(&s.issuer));
        (void)fputc('\n', stdout);
        (void)printf("  %s: %s\n", tr(N_("serial")), text_of(&s.serial));
        (void)printf("  %s: %s – %s\n", tr(N_("valid")), moment_text(c->not_before, from),
                     moment_text(c->not_after, until));
        (void)printf("  %s: %s%s\n", tr(N_("use")), text_of(&s.usage), c->is_ca ? tr(N_(" (authority)")) : "");
        (void)printf("  SHA-256: %s\n", text_of(&s.fingerprint));
    }
    show_dispose(&s);
}

/** PEM and DER directly; anything else is tried as PKCS#12. */
static rfd_status show_file(const struct arguments *a, const char *path, json_t *list, struct rfd_error *error)
{
    struct certificate_list certificates = {0};
    struct source *source = NULL;
    struct rfd_key *key = NULL;
    struct secret password = {0};
    slice bytes = SLICE_EMPTY;
    rfd_status status;
    TRY_OUT(source_open_file(path, &source, error));
    TRY_OUT(source_view(source, 0, source_size(source), &bytes, error));
    const struct certificate_list *shown = &certificates;
    status = certificate_list_read(&certificates, bytes, error);
    if (status != RFD_OK || certificates.count == 0) {
        char question[512];
        (void)snprintf(question, sizeof question, tr(N_("Password of %s")), path);
        TRY_OUT(credentials_password(a, question, &password, error));
        TRY_OUT(rfd_key_open_pkcs12(path, secret_slice(&password), &key, error));
        shown = key_chain(key);
    }
    for (size_t i = 0; i < shown->count; i++) print_certificate(shown->items[i], list);
out:
    secret_dispose(&password);
    rfd_key_free(key);
    certificate_list_dispose(&certificates);
    source_close(source);
    return status;
}

static int finish_json(const struct arguments *a, json_t *list, int status)
{
    if (a->json) json_print(stdout, "certificates", list);
    return status;
}

static int show_files(const struct arguments *a)
{
    json_t *list = a->json ? json_array() : NULL;
    int status = 0;
    for (size_t i = 1; i < a->operand_count; i++) {
        struct rfd_error error = RFD_ERROR_INIT;
        if (show_file(a, a->operands[i], list, &error) == RFD_OK) continue;
        message_status(a->operands[i], &error);
        status = exit_of_status(error.code);
    }
    return finish_json(a, list, status);
}

static bool print_token_certificate(void *context, const char *uri, const struct certificate *certificate)
{
    json_t *list = context;
    if (list == NULL) {
        safe_print(stdout, uri);
        (void)fputc('\n', stdout);
    }
    print_certificate(certificate, list);
    if (list != NULL) (void)json_object_set_new(json_array_get(list, json_array_size(list) - 1), "uri", safe_json(uri));
    return true;
}

static int list_tokens(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    json_t *list = a->json ? json_array() : NULL;
    struct secret pin = {0};
    rfd_status status = credentials_no_pin_shown(a, &error);
    if (status == RFD_OK && a->pin_file != NULL) status = secret_read_file(&pin, a->pin_file, &error);
    if (status == RFD_OK)
        status = token_list(a->pkcs11 == NULL ? "pkcs11:" : a->pkcs11, secret_slice(&pin), print_token_certificate,
                            list, &error);
    secret_dispose(&pin);
    if (status != RFD_OK) message_status(NULL, &error);
    return finish_json(a, list, exit_of_status(status));
}

static int make_demo(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    const char *path = a->operands[1];
    if (issue_demo(path, a->url, a->force, &error) != RFD_OK) {
        message_status(path, &error);
        return exit_of_status(error.code);
    }
    if (!a->quiet) {
        (void)printf(tr(N_("Demo certificates without any legal value are in %s:\n")), path);
        (void)printf("  root.pem, chain.pem      %s\n", tr(N_("the authority, for --trust, and its chain")));
        (void)printf("  signer.p12               %s\n", tr(N_("a person's RSA key; password in password.txt")));
        (void)printf("  signer-p256.p12          %s\n", tr(N_("a person's P-256 key; same password")));
        (void)printf("  tsa.*, ocsp.*, *.crl     %s\n", tr(N_("time-stamp and status services, revocation lists")));
    }
    return 0;
}

int run_certs(const struct arguments *a)
{
    const char *action = a->operand_count > 0 ? a->operands[0] : "";
    if (strcmp(action, "show") == 0 && a->operand_count > 1) return show_files(a);
    if (strcmp(action, "list") == 0 && a->operand_count == 1) return list_tokens(a);
    if (strcmp(action, "demo") == 0 && a->operand_count == 2) return make_demo(a);
    message_error("%s", tr(N_("certs takes show FILE..., list, or demo DIR")));
    message_hint("%s", tr(N_("See refrenda certs --help")));
    return EXIT_USAGE;
}
