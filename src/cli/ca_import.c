/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda ca import: an authority that another program ran, or a list that a root signed off line.
 */
#include "base/error.h"
#include "base/number.h"
#include "cli/ca.h"
#include "cli/credentials.h"
#include "domain/import/import.h"
#include "domain/state/state.h"
#include "pki/keys/key.h"
#include "pki/revocation/crl.h"

enum { LIST_MAXIMUM = 256 << 20, NUMBER_SIZE = 20, DIGITS_MAXIMUM = 2 * NUMBER_SIZE };
#define ROWS_MAXIMUM ((size_t)8 << 30)

/* ---- A list ---- */

/** The authority off line whose list it is, or the one that --authority names. */
static rfd_status find_owner(const struct arguments *a, struct ca_home *home, slice der, int64_t *out,
                             struct rfd_error *error)
{
    struct authority_list list;
    const struct crl *crl = NULL;
    TRY(crl_parse(der, &crl, error));
    rfd_status status = authority_list(&home->domain, &home->arena, &list, error);
    *out = 0;
    for (size_t i = 0; i < list.count && status == RFD_OK; i++) {
        const struct authority *item = &list.items[i];
        const struct certificate *certificate = NULL;
        if (item->key.length > 0 || (a->authority != NULL && !slice_is(item->name, a->authority))) continue;
        status = certificate_parse(item->certificate, &certificate, error);
        if (status == RFD_OK && slice_equal(certificate->subject, crl->issuer)) *out = item->id;
        certificate_unref(certificate);
    }
    crl_free(crl);
    if (status == RFD_OK && *out == 0)
        status = error_set(error, RFD_E_NOT_FOUND, "no authority off line has this list");
    return status;
}

static rfd_status import_list(const struct arguments *a, struct ca_home *home, struct rfd_error *error)
{
    struct buf der;
    int64_t authority;
    buf_init(&der, LIST_MAXIMUM);
    rfd_status status = ca_read_object(a->operands[0], LIST_MAXIMUM, &der, error);
    if (status == RFD_OK) status = find_owner(a, home, buf_slice(&der), &authority, error);
    if (status == RFD_OK) status = authority_put_crl(&home->domain, home->actor, authority, buf_slice(&der), error);
    buf_dispose(&der);
    if (status == RFD_OK && !a->quiet) (void)printf("%s: %s\n", tr(N_("Entered")), a->operands[0]);
    return status;
}

/* ---- An authority ---- */

/** The digits of openssl's crlnumber, or a list's number. */
static rfd_status read_number(const char *path, uint8_t number[NUMBER_SIZE], slice *out, struct rfd_error *error)
{
    char digits[DIGITS_MAXIMUM];
    struct buf content;
    const struct crl *crl = NULL;
    buf_init(&content, LIST_MAXIMUM);
    rfd_status status = ca_read_object(path, LIST_MAXIMUM, &content, error);
    slice text = buf_slice(&content);
    while (text.length > 0 && (text.data[text.length - 1] == '\n' || text.data[text.length - 1] == '\r')) text.length--;
    size_t odd = text.length % 2;
    digits[0] = '0';
    if (status == RFD_OK && text.length > 0 && text.length + odd <= sizeof digits)
        memcpy(digits + odd, text.data, text.length);
    if (status == RFD_OK && text.length > 0 && text.length + odd <= sizeof digits &&
        number_hex(slice_of(digits, text.length + odd), number)) {
        *out = slice_of(number, (text.length + odd) / 2);
    } else if (status == RFD_OK) {
        status = crl_parse(buf_slice(&content), &crl, error);
        if (status == RFD_OK && crl->number.length <= NUMBER_SIZE) {
            memcpy(number, crl->number.data, crl->number.length);
            *out = slice_of(number, crl->number.length);
        }
        crl_free(crl);
    }
    buf_dispose(&content);
    return status;
}

static rfd_status read_rows(const struct arguments *a, const struct rfd_key *key, struct import_rows *rows,
                            struct rfd_error *error)
{
    if (a->index != NULL) TRY(import_rows_read(rows, a->index, error));
    if (a->cert_dir != NULL) TRY(import_rows_folder(rows, a->cert_dir, key_certificate(key), error));
    import_rows_finish(rows);
    return RFD_OK;
}

static rfd_status take_over(const struct arguments *a, struct ca_home *home, const struct import_plan *plan,
                            const struct rfd_key *key, struct import_result *result, struct rfd_error *error)
{
    struct master master = {.kind = MASTER_CREDENTIAL};
    struct arena arena;
    struct import_rows rows = {.arena = &arena};
    uint8_t number[NUMBER_SIZE] = {0};
    slice crl_number = SLICE_EMPTY;
    rfd_status status = RFD_OK;
    arena_init(&arena, ROWS_MAXIMUM);
    TRY_OUT(read_rows(a, key, &rows, error));
    if (a->crl_number != NULL) TRY_OUT(read_number(a->crl_number, number, &crl_number, error));
    TRY_OUT(state_master(home->settings, &master, error));
    const struct import_order order = {.domain = &home->domain,
                                       .keys = home->settings->keys.folder,
                                       .master = &master,
                                       .plan = plan,
                                       .key = key,
                                       .rows = rows.items,
                                       .row_count = rows.count,
                                       .crl_number = crl_number,
                                       .actor = home->actor};
    status = import_authority(&order, result, error);
    master_dispose(&master);
out:
    import_rows_dispose(&rows);
    arena_dispose(&arena);
    return status;
}

static rfd_status import_all(const struct arguments *a, struct ca_home *home, struct rfd_error *error)
{
    struct yaml_file file = {.data = NULL};
    const struct import_plan *plan = NULL;
    struct rfd_key *key = NULL;
    struct import_result result = {.authority = 0};
    rfd_status status = RFD_OK;
    if (home->live) return error_set(error, RFD_E_STATE, "the server runs: stop it, its keeper has the key store open");
    TRY_OUT(import_plan_read(a->plan, home->packs, &file, &plan, error));
    TRY_OUT(credentials_key(a, &key, error));
    TRY_OUT(take_over(a, home, plan, key, &result, error));
    if (!a->quiet)
        (void)printf("%s: %s, %zu\n", tr(N_("Taken over, with its certificates")), plan->name, result.certificates);
out:
    rfd_key_free(key);
    yaml_dispose(&file);
    return status;
}

int ca_import(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home;
    bool list = a->plan == NULL;
    if (a->operand_count != (list ? 1 : 0)) {
        message_error("%s", tr(N_("Give a list, or --plan and the authority's key")));
        message_hint(tr(N_("See refrenda %s --help")), "ca import");
        return EXIT_USAGE;
    }
    rfd_status status = ca_home_open(a, CA_HOME_STORE, &home, &error);
    if (status == RFD_OK) {
        status = list ? import_list(a, &home, &error) : import_all(a, &home, &error);
        ca_home_close(&home);
    }
    return status == RFD_OK ? 0 : ca_exit(list ? a->operands[0] : a->plan, &error);
}
