/* SPDX-License-Identifier: EUPL-1.2
 *
 * The root: a key store of its own, which a credential of 256 random bits opens that only the custodians' shares give.
 */
#include "domain/ceremony/ceremony_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/source.h"
#include "domain/ceremony/root_list.h"
#include "keeper/authority_policy.h"
#include "keeper/shamir.h"
#include "pki/digest.h"

#include <openssl/rand.h>
#include <unistd.h>

#define KEYS_FOLDER   "keys"
#define SHARES_FOLDER "shares"

enum {
    SECRET_SIZE = 32,
    SHARE_FILE_MAXIMUM = 4096,
    CRL_DAYS = 365,
    ROOT_INSTANCE = 1,
    APPROVAL_SECONDS = 3600, /* not used by a root, but a policy has it */
    DAY = 86400,
    LIST_MAXIMUM = 1 << 16
};

/* ---- Shares ---- */

/** What a custodian gets: a note for people, and the line that counts. */
static rfd_status put_share(struct ceremony *c, unsigned index, const struct shamir_share *share, struct buf *file,
                            struct rfd_error *error)
{
    const struct plan_root *root = &c->plan->root;
    char line[SHAMIR_TEXT_SIZE];
    rfd_status status = shamir_write(share, line, error);
    if (status == RFD_OK) status = digest_of(DIGEST_SHA256, slice_text(line), c->shares[index].hash, error);
    buf_print(file, "# Root \"%s\": share %u of %u; any %u give its passphrase. Custodian: %s\n", root->name, index + 1,
              root->custodian_count, root->needed, root->custodians[index].name);
    buf_print(file, "%s\n", line);
    secret_wipe(line, sizeof line);
    return status;
}

static rfd_status write_share(struct ceremony *c, unsigned index, const struct shamir_share *share,
                              struct rfd_error *error)
{
    const char *given = c->plan->root.custodians[index].file;
    char path[CEREMONY_PATH_SIZE];
    struct buf file;
    char name[sizeof SHARES_FOLDER + 32];
    (void)snprintf(name, sizeof name, SHARES_FOLDER "/custodian-%u.share", index + 1);
    bool absolute = given != NULL && given[0] == '/';
    TRY(ceremony_path(absolute ? "" : c->root, given == NULL ? name : given + absolute, path, error));
    c->shares[index].path = arena_text(&c->arena, slice_text(path));
    if (c->shares[index].path == NULL) return arena_failed(&c->arena, error);
    buf_init_secret(&file, SHARE_FILE_MAXIMUM);
    rfd_status status = put_share(c, index, share, &file, error);
    if (status == RFD_OK) status = buf_check(&file, "share", error);
    if (status == RFD_OK) status = ceremony_write("", path + 1, buf_slice(&file), error);
    buf_dispose(&file);
    return status;
}

static rfd_status read_share(const char *path, struct shamir_share *out, struct rfd_error *error)
{
    struct source *source = NULL;
    slice text = SLICE_EMPTY;
    TRY(source_open_file(path, &source, error));
    rfd_status status = RFD_OK;
    if (source_size(source) > SHARE_FILE_MAXIMUM) status = error_set(error, RFD_E_SHARES, "%s is too long", path);
    if (status == RFD_OK) status = source_view(source, 0, source_size(source), &text, error);
    while (status == RFD_OK && text.length > 0 && text.data[0] == '#') {
        const uint8_t *end = memchr(text.data, '\n', text.length);
        text = end == NULL ? SLICE_EMPTY : slice_from(text, (size_t)(end - text.data) + 1);
    }
    while (text.length > 0 && (text.data[text.length - 1] == '\n' || text.data[text.length - 1] == '\r')) text.length--;
    if (status == RFD_OK) status = shamir_read(text, out, error);
    source_close_secret(source);
    return status == RFD_E_SHARES ? error_wrap(error, RFD_E_SHARES, "%s", path) : status;
}

rfd_status ceremony_join_shares(const char *const *files, size_t count, struct master *out, struct rfd_error *error)
{
    struct shamir_share shares[SHAMIR_SHARES_MAXIMUM] = {{0}};
    struct secret secret = {0};
    rfd_status status = RFD_OK;
    if (count == 0 || count > SHAMIR_SHARES_MAXIMUM) return error_set(error, RFD_E_SHARES, "%zu shares", count);
    for (size_t i = 0; i < count && status == RFD_OK; i++) status = read_share(files[i], &shares[i], error);
    if (status == RFD_OK) status = shamir_combine(shares, count, &secret, error);
    if (status == RFD_OK) status = master_from_secret(MASTER_CREDENTIAL, secret_slice(&secret), out, error);
    secret_wipe(shares, sizeof shares);
    secret_dispose(&secret);
    return status;
}

static rfd_status share_secret(struct ceremony *c, slice secret, struct rfd_error *error)
{
    const struct plan_root *root = &c->plan->root;
    struct shamir_share shares[SHAMIR_SHARES_MAXIMUM];
    TRY(shamir_split(secret, root->needed, root->custodian_count, shares, error));
    rfd_status status = RFD_OK;
    for (unsigned i = 0; i < root->custodian_count && status == RFD_OK; i++)
        status = write_share(c, i, &shares[i], error);
    secret_wipe(shares, sizeof shares);
    return status;
}

/** The store is opened with what the first and the last custodians' files give, not with what is in memory: shares that
 * do not work are found while the key has signed nothing. */
static rfd_status try_shares(struct ceremony *c, struct rfd_error *error)
{
    const struct plan_root *root = &c->plan->root;
    const char *files[PLAN_PEOPLE_MAXIMUM];
    for (unsigned i = 0; i < root->needed; i++) {
        unsigned from_end = root->custodian_count - root->needed + i;
        files[i] = c->shares[i == 0 ? 0 : from_end].path;
    }
    return ceremony_join_shares(files, root->needed, &c->root_master, error);
}

static rfd_status make_store(struct ceremony *c, const char *keys, struct rfd_error *error)
{
    uint8_t random[SECRET_SIZE];
    struct master master = {.kind = MASTER_CREDENTIAL};
    if (RAND_priv_bytes(random, sizeof random) != 1) return error_set(error, RFD_E_INTERNAL, "no random numbers");
    rfd_status status = master_from_secret(MASTER_CREDENTIAL, slice_of(random, sizeof random), &master, error);
    if (status == RFD_OK) status = keystore_files_init(keys, &master, error);
    if (status == RFD_OK) status = share_secret(c, slice_of(random, sizeof random), error);
    secret_wipe(random, sizeof random);
    master_dispose(&master);
    return status;
}

/* ---- Key and certificate ---- */

static unsigned crl_days(const struct ceremony *c)
{
    return c->plan->root.crl_days == 0 ? CRL_DAYS : c->plan->root.crl_days;
}

rfd_status ceremony_root_policy(struct ceremony *c, slice *out, struct rfd_error *error)
{
    const struct plan_root *root = &c->plan->root;
    char ca_issuers[AUTHORITY_ADDRESS_MAXIMUM], crl_point[AUTHORITY_ADDRESS_MAXIMUM];
    struct buf b;
    (void)snprintf(ca_issuers, sizeof ca_issuers, "%s/ca/%s.cer", c->plan->url, root->name);
    (void)snprintf(crl_point, sizeof crl_point, "%s/crl/%s.crl", c->plan->url, root->name);
    const struct authority_policy policy = {.profiles = {SLICE("issuing")},
                                            .profile_count = 1,
                                            .ca_issuers = slice_text(ca_issuers),
                                            .crl_point = slice_text(crl_point),
                                            .partitions = 1,
                                            .crl_seconds = crl_days(c) * DAY,
                                            .approval_seconds = APPROVAL_SECONDS,
                                            .instance = ROOT_INSTANCE};
    buf_init(&b, AUTHORITY_POLICY_MAXIMUM);
    rfd_status status = authority_policy_write(&policy, &b, error);
    if (status == RFD_OK) return ceremony_keep(c, &b, out, error);
    buf_dispose(&b);
    return status;
}

static rfd_status make_key(struct ceremony *c, struct rfd_error *error)
{
    const struct plan_root *root = &c->plan->root;
    const struct ask_key key = {.name = root->name,
                                .purpose = PURPOSE_CA,
                                .algorithm = root->algorithm,
                                .policy = {.authority = c->root_policy}};
    struct profile_value values[PROFILE_ATTRIBUTES_MAXIMUM];
    const struct ask_certificate ask = {.key = root->name,
                                        .profile = "root",
                                        .values = values,
                                        .value_count = plan_subject_values(&root->subject, values),
                                        .days = root->years * CEREMONY_DAYS_PER_YEAR,
                                        .own_key = root->name};
    struct buf spki, certificate;
    rfd_status status = RFD_OK;
    buf_init(&spki, ASK_CERTIFICATE_MAXIMUM);
    buf_init(&certificate, ASK_CERTIFICATE_MAXIMUM);
    TRY_OUT(ask_create_key(c->root_keeper.client, &key, &spki, error));
    TRY_OUT(ask_issue_authority(c->root_keeper.client, &ask, &certificate, error));
    TRY_OUT(ask_certify_key(c->root_keeper.client, root->name, buf_slice(&certificate), error));
    TRY_OUT(ceremony_keep(c, &certificate, &c->root_certificate, error));
    status = ceremony_note_key(c, "root", &key, buf_slice(&spki), c->root_certificate, error);
out:
    buf_dispose(&spki);
    buf_dispose(&certificate);
    return status;
}

rfd_status ceremony_make_root(struct ceremony *c, struct rfd_error *error)
{
    char keys[CEREMONY_PATH_SIZE], shares[CEREMONY_PATH_SIZE], name[KEY_NAME_SIZE + 8];
    TRY(ceremony_path(c->root, KEYS_FOLDER, keys, error));
    TRY(ceremony_path(c->root, SHARES_FOLDER, shares, error));
    TRY(ceremony_folder(shares, false, error));
    TRY(make_store(c, keys, error));
    TRY(try_shares(c, error));
    TRY(local_keeper_open(keys, &c->root_master, c->options->packs, &c->root_keeper, error));
    TRY(ceremony_root_policy(c, &c->root_policy, error));
    TRY(make_key(c, error));
    (void)snprintf(name, sizeof name, "%s.pem", c->plan->root.name);
    return ceremony_write_pem(c->root, name, "CERTIFICATE", c->root_certificate, error);
}

/* ---- The end of its part ---- */

static rfd_status sign_list(struct ceremony *c, struct rfd_error *error)
{
    const struct certificate *root = NULL;
    char name[KEY_NAME_SIZE + 8];
    struct buf list;
    TRY(certificate_parse(c->root_certificate, &root, error));
    const struct root_list order = {.keeper = c->root_keeper.client,
                                    .key = c->plan->root.name,
                                    .root = root,
                                    .now = clock_now(),
                                    .seconds = crl_days(c) * DAY};
    buf_init(&list, LIST_MAXIMUM);
    rfd_status status = root_list_sign(&order, &list, error);
    certificate_unref(root);
    if (status != RFD_OK) {
        buf_dispose(&list);
        return status;
    }
    TRY(ceremony_keep(c, &list, &c->root_crl, error));
    (void)snprintf(name, sizeof name, "%s.crl", c->plan->root.name);
    return ceremony_write(c->root, name, c->root_crl, error);
}

rfd_status ceremony_close_root(struct ceremony *c, struct rfd_error *error)
{
    TRY(sign_list(c, error));
    local_keeper_close(&c->root_keeper);
    master_dispose(&c->root_master);
    return RFD_OK;
}
