/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/credentials.h"

#include "base/error.h"
#include "cli/messages.h"

/** Without a terminal there is another way, which is the thing to say. */
static rfd_status ask(const char *question, struct secret *out, struct rfd_error *error)
{
    rfd_status status = secret_prompt(out, question, error);
    if (status != RFD_E_IO_READ) return status;
    return error_set(error, RFD_E_ARGUMENT,
                     "no terminal to ask for a password on: --pass-file, --pass-env, --pin-file");
}

rfd_status credentials_password(const struct arguments *a, const char *question, struct secret *out,
                                struct rfd_error *error)
{
    if (a->pass_file != NULL) return secret_read_file(out, a->pass_file, error);
    if (a->pass_env != NULL) {
        const char *value = getenv(a->pass_env);
        if (value == NULL) return error_set(error, RFD_E_ARGUMENT, "--pass-env: %s is not set", a->pass_env);
        return secret_set(out, slice_text(value), error);
    }
    return ask(question, out, error);
}

static rfd_status open_p12(const struct arguments *a, struct rfd_key **out, struct rfd_error *error)
{
    struct secret password = {0};
    char question[512];
    (void)snprintf(question, sizeof question, tr(N_("Password of %s")), a->p12);
    TRY(credentials_password(a, question, &password, error));
    rfd_status status = rfd_key_open_pkcs12(a->p12, secret_slice(&password), out, error);
    secret_dispose(&password);
    return status;
}

/** A PEM key is often unencrypted: the password is asked for only when it turns out to be needed. */
static rfd_status open_pem(const struct arguments *a, struct rfd_key **out, struct rfd_error *error)
{
    struct secret password = {0};
    bool named = a->pass_file != NULL || a->pass_env != NULL;
    if (a->cert == NULL) return error_set(error, RFD_E_ARGUMENT, "--key needs --cert");
    rfd_status status = RFD_OK;
    if (named) status = credentials_password(a, "", &password, error);
    if (status == RFD_OK) status = rfd_key_open_pem(a->key, a->cert, a->chain, secret_slice(&password), out, error);
    if (status == RFD_E_KEY_PASSWORD && !named) {
        char question[512];
        (void)snprintf(question, sizeof question, tr(N_("Password of %s")), a->key);
        status = ask(question, &password, error);
        if (status == RFD_OK) status = rfd_key_open_pem(a->key, a->cert, a->chain, secret_slice(&password), out, error);
    }
    secret_dispose(&password);
    return status;
}

rfd_status credentials_no_pin_shown(const struct arguments *a, struct rfd_error *error)
{
    if (a->pkcs11 == NULL || strstr(a->pkcs11, "pin-value=") == NULL) return RFD_OK;
    return error_set(error, RFD_E_ARGUMENT, "pin-value shows the PIN to everybody on this machine: use --pin-file");
}

static rfd_status open_token(const struct arguments *a, struct rfd_key **out, struct rfd_error *error)
{
    struct secret pin = {0};
    rfd_status status = RFD_OK;
    bool in_address = strstr(a->pkcs11, "pin-source=") != NULL;
    TRY(credentials_no_pin_shown(a, error));
    if (a->pin_file != NULL)
        status = secret_read_file(&pin, a->pin_file, error);
    else if (!in_address)
        status = ask(tr(N_("PIN of the token")), &pin, error);
    if (status == RFD_OK) status = rfd_key_open_pkcs11(a->pkcs11, secret_slice(&pin), a->chain, out, error);
    secret_dispose(&pin);
    return status;
}

rfd_status credentials_key(const struct arguments *a, struct rfd_key **out, struct rfd_error *error)
{
    int given = (a->p12 != NULL) + (a->key != NULL) + (a->pkcs11 != NULL);
    if (given != 1)
        return error_set(error, RFD_E_ARGUMENT, "--p12, --key, --pkcs11: %s",
                         given == 0 ? "none given" : "more than one given");
    rfd_status status = a->p12 != NULL   ? open_p12(a, out, error)
                        : a->key != NULL ? open_pem(a, out, error)
                                         : open_token(a, out, error);
    /* What cannot be read is not a document: the exit status tells the two apart. */
    return status == RFD_E_IO_READ ? error_wrap(error, RFD_E_KEY_READ, NULL) : status;
}

rfd_status credentials_trust(const struct arguments *a, struct rfd_trust **out, struct rfd_error *error)
{
    struct rfd_trust *trust = NULL;
    if (a->trust.count == 0) {
        *out = NULL;
        return RFD_OK;
    }
    TRY(rfd_trust_new(&trust, error));
    for (size_t i = 0; i < a->trust.count; i++) {
        rfd_status status = rfd_trust_add_path(trust, a->trust.items[i], error);
        if (status != RFD_OK) {
            rfd_trust_free(trust);
            return status;
        }
    }
    *out = trust;
    return RFD_OK;
}

rfd_status credentials_document(const struct arguments *a, struct secret *out, struct rfd_error *error)
{
    return a->document_pass_file == NULL ? RFD_OK : secret_read_file(out, a->document_pass_file, error);
}
