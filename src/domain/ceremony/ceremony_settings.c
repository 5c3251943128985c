/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda.yaml, from the plan.
 */
#include "domain/ceremony/ceremony_internal.h"

#include "base/error.h"

enum { SETTINGS_MAXIMUM = 1 << 16, SIGNERS = 2 };

/** A text in double quotes (YAML 1.1 §5.7). */
static void put_quoted(struct buf *b, const char *text)
{
    buf_put_byte(b, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') buf_put_byte(b, '\\');
        buf_put_byte(b, (uint8_t)*text);
    }
    buf_put_byte(b, '"');
}

static void put(struct buf *b, const char *name, const char *value)
{
    if (value == NULL) return;
    buf_print(b, "%s: ", name);
    put_quoted(b, value);
    buf_put_byte(b, '\n');
}

static void put_list(struct buf *b, const char *name, char *const *items, unsigned count)
{
    if (count == 0) return;
    buf_print(b, "%s: [", name);
    for (unsigned i = 0; i < count; i++) {
        if (i > 0) buf_put_text(b, ", ");
        put_quoted(b, items[i]);
    }
    buf_put_text(b, "]\n");
}

static void put_keys(struct buf *b, const struct plan *plan)
{
    buf_put_text(b, "keys:\n");
    if (plan->passphrase_file != NULL)
        put(b, "  passphrase_file", plan->passphrase_file);
    else
        put(b, "  credential", plan->credential == NULL ? "keys/master.key" : plan->credential);
    buf_print(b, "  signers: %u\n", plan->signers == 0 ? SIGNERS : plan->signers);
    if (plan->token_count > 0) buf_put_text(b, "  tokens:\n");
    for (unsigned i = 0; i < plan->token_count; i++) {
        const struct plan_token *token = &plan->tokens[i];
        put(b, "    - name", token->name);
        put(b, "      module", token->module);
        put(b, "      token", token->token);
        put(b, "      pin_file", token->pin_file);
        if (token->network) buf_put_text(b, "      network: true\n");
    }
}

static void put_status(struct buf *b, const struct plan *plan)
{
    unsigned hours = 0;
    buf_put_text(b, "status:\n");
    put(b, "  url", plan->url);
    put_list(b, "  listen", plan->status.listen, plan->status.listen_count);
    put(b, "  clock", plan->status.clock);
    put(b, "  tsa_key", plan->stamper_count == 0 ? NULL : plan->stampers[0].name);
    /* One setting for all: the shortest that a key allows. */
    for (unsigned i = 0; i < plan->issuing_count; i++) {
        unsigned mine = plan->issuing[i].ocsp_hours;
        if (mine != 0 && (hours == 0 || mine < hours)) hours = mine;
    }
    if (hours != 0) buf_print(b, "  ocsp_hours: %u\n", hours);
}

static void put_authority(struct buf *b, const struct plan *plan)
{
    unsigned hours = 0;
    for (unsigned i = 0; i < plan->issuing_count; i++) {
        unsigned mine = plan->issuing[i].crl_hours;
        if (mine != 0 && (hours == 0 || mine < hours)) hours = mine;
    }
    if (hours != 0) buf_print(b, "authority:\n  crl_hours: %u\n  overlap_hours: %u\n", hours, hours / 2);
}

static void put_others(struct buf *b, const struct plan *plan)
{
    const struct plan_registration *r = plan->registration;
    if (r != NULL) {
        buf_put_text(b, "registration:\n");
        put_list(b, "  listen", r->listen, r->listen_count);
        put(b, "  certificate", "tls/registration.pem");
        put(b, "  key", "tls/registration.key");
        put(b, "  clients", "tls/clients.pem");
    }
    if (plan->metrics != NULL) {
        buf_put_text(b, "metrics:\n");
        put(b, "  listen", plan->metrics);
    }
    if (plan->mail != NULL) {
        buf_put_text(b, "mail:\n");
        put(b, "  server", plan->mail->server);
        put(b, "  user", plan->mail->user);
        put(b, "  password_file", plan->mail->password_file);
        put(b, "  from", plan->mail->from);
        put(b, "  operator_mail", plan->mail->operator_mail);
    }
}

rfd_status ceremony_write_settings(struct ceremony *c, struct rfd_error *error)
{
    const struct plan *plan = c->plan;
    struct buf b;
    buf_init(&b, SETTINGS_MAXIMUM);
    buf_put_text(&b, "# Written by the key ceremony; docs/settings.md has every setting.\n");
    put(&b, "database", plan->database == NULL ? "sqlite:data/refrenda.db" : plan->database);
    put(&b, "packs", c->options->packs_path);
    put(&b, "user", plan->user);
    put_keys(&b, plan);
    put_status(&b, plan);
    put_authority(&b, plan);
    put_others(&b, plan);
    rfd_status status = buf_check(&b, "settings", error);
    if (status == RFD_OK) status = ceremony_write(c->home, "refrenda.yaml", buf_slice(&b), error);
    buf_dispose(&b);
    return status;
}
