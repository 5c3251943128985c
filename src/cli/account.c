/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/clock.h"
#include "base/error.h"
#include "cli/platform.h"
#include "domain/organisation/organisation.h"
#include "packs/identity.h"

struct account_settings platform_account_settings(const struct settings *s)
{
    return (struct account_settings){.argon_kib = s->web.argon_kib,
                                     .argon_passes = s->web.argon_passes,
                                     .argon_lanes = 1,
                                     .idle_minutes = s->web.idle_minutes,
                                     .absolute_hours = s->web.session_hours,
                                     .url = s->web.url};
}

struct creating {
    const struct arguments *a;
    struct ca_home *home;
    struct actor actor;
    struct secret password; /* empty: a link is mailed */
    struct faults faults;
    struct account made;
};

/* ---- The person ---- */

/** "dni:12345678", "es:nie:X1234567L". */
static rfd_status read_document(struct creating *c, struct person *p, struct rfd_error *error)
{
    static char normal[33];
    slice parts[3];
    size_t count = 0;
    slice rest = slice_text(c->a->document);
    while (count < 3) {
        const uint8_t *colon = memchr(rest.data, ':', rest.length);
        size_t length = colon == NULL ? rest.length : (size_t)(colon - rest.data);
        parts[count++] = slice_part(rest, 0, length);
        if (colon == NULL) break;
        rest = slice_from(rest, length + 1);
    }
    if (count < 2) return error_set(error, RFD_E_ARGUMENT, "--document: KIND:NUMBER, such as dni:12345678");
    p->country = count == 3 ? parts[0] : slice_text(c->home->settings->web.country);
    p->document = parts[count - 2];
    const struct pack_document *document = packs_document(c->home->packs, p->country, p->document);
    if (document == NULL) return error_set(error, RFD_E_ARGUMENT, "--document: this country has no such document");
    enum identity_fault fault = packs_identity_check(document, parts[count - 1], normal);
    if (fault == IDENTITY_FORM || fault == IDENTITY_DIGIT)
        return error_set(error, RFD_E_ARGUMENT, "--document: it is no number of a %s", document->label);
    p->number = slice_text(normal);
    return RFD_OK;
}

static slice text_or_empty(const char *text)
{
    return slice_text(text == NULL ? "" : text);
}

static rfd_status find_person(struct transaction *t, struct creating *c, int64_t *id, struct rfd_error *error)
{
    struct person there;
    struct person person = {.given_names = text_or_empty(c->a->given_names),
                            .surname = text_or_empty(c->a->surname),
                            .second_surname = text_or_empty(c->a->second_surname),
                            .mail = slice_text(c->a->mail.items[0]),
                            .mobile = text_or_empty(c->a->mobile),
                            .language = SLICE("es")};
    TRY(read_document(c, &person, error));
    rfd_status status = person_by_document(t, person.country, person.document, person.number, &there, error);
    if (status == RFD_OK) *id = there.id;
    if (status != RFD_E_NOT_FOUND) return status;
    return person_put(t, &c->actor, c->home->packs, &person, &c->faults, id, error);
}

/* ---- The account ---- */

static rfd_status give_role(struct transaction *t, struct creating *c, int64_t person, struct rfd_error *error)
{
    struct role_assignment assignment = {.person = person, .from = clock_now(), .to = RFD_TIME_NONE};
    int64_t id = 0;
    if (c->a->role == NULL) return RFD_OK;
    if (!role_from_name(slice_text(c->a->role), &assignment.role) || !role_info(assignment.role)->everywhere)
        return error_set(error, RFD_E_ARGUMENT, "--role: administrator or auditor");
    return role_grant(t, &c->actor, &assignment, &id, error);
}

static rfd_status create(struct transaction *t, void *context, struct rfd_error *error)
{
    struct creating *c = context;
    struct account account = {.code = text_or_empty(c->a->code), .level = LEVEL_BASIC, .language = SLICE("es")};
    struct account_settings settings = platform_account_settings(c->home->settings);
    int64_t id = 0;
    c->faults.count = 0;
    TRY(find_person(t, c, &account.person, error));
    TRY(account_create(t, &c->actor, &settings, &account, 'U', &c->faults, &id, error));
    if (c->password.length > 0)
        TRY(account_set_password(t, &c->actor, &settings, id, secret_slice(&c->password), true, &c->faults, error));
    TRY(give_role(t, c, account.person, error));
    TRY(account_find(t, id, &c->made, error));
    c->made.code = arena_copy(&c->home->arena, c->made.code);
    return c->made.code.data == NULL ? arena_failed(&c->home->arena, error) : RFD_OK;
}

static void tell_faults(const struct faults *faults)
{
    for (unsigned i = 0; i < faults->count; i++)
        message_error("%s: %s", faults->items[i].field, tr(faults->items[i].message));
}

int account_create_command(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home = {.live = false};
    struct creating c = {.a = a, .home = &home, .actor = actor_system("admin")};
    if (a->document == NULL || a->given_names == NULL || a->surname == NULL || a->mail.count != 1) {
        message_error("%s", tr(N_("Give --document, --given-names, --surname and --mail")));
        return EXIT_USAGE;
    }
    rfd_status status = a->pass_file == NULL ? RFD_OK : secret_read_file(&c.password, a->pass_file, &error);
    if (status == RFD_OK) status = ca_home_open(a, CA_HOME_STORE, &home, &error);
    if (status == RFD_OK) status = store_write(home.store, create, &c, &error);
    if (status == RFD_OK) (void)printf("%s\n", ca_text(&home.arena, c.made.code));
    if (status == RFD_OK && !a->quiet && c.password.length > 0)
        message_hint("%s", tr(N_("The temporary password has to be changed at the first sign-in.")));
    if (status == RFD_OK && !a->quiet && c.password.length == 0)
        message_hint("%s", tr(N_("A link to choose the password is on its way by mail.")));
    if (status == RFD_E_INVALID) tell_faults(&c.faults);
    secret_dispose(&c.password);
    ca_home_close(&home);
    return status == RFD_OK ? 0 : ca_exit(NULL, &error);
}

/* ---- Unlocking ---- */

struct unlocking {
    struct actor actor;
    slice code;
};

static rfd_status unlock(struct transaction *t, void *context, struct rfd_error *error)
{
    struct unlocking *u = context;
    struct store_rows rows;
    const struct store_value values[] = {store_text(u->code)};
    TRY(store_run(t, "SELECT id FROM account WHERE code = $1", values, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no account of this code");
    return account_unlock(t, &u->actor, store_cell(&rows, 0, 0)->integer, error);
}

int account_unlock_command(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home = {.live = false};
    struct unlocking u = {.actor = actor_system("admin")};
    if (a->operand_count != 1) {
        message_error("%s", tr(N_("Give one user code")));
        return EXIT_USAGE;
    }
    u.code = slice_text(a->operands[0]);
    rfd_status status = ca_home_open(a, CA_HOME_STORE, &home, &error);
    if (status == RFD_OK) status = store_write(home.store, unlock, &u, &error);
    ca_home_close(&home);
    if (status == RFD_OK && !a->quiet) (void)printf("%s: %s\n", tr(N_("Unlocked")), a->operands[0]);
    return status == RFD_OK ? 0 : ca_exit(a->operands[0], &error);
}
