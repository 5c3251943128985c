/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the personal keeper reads of strangers; the first octet says what the rest is: "t" the text of an operation,
 * which must be what would be written; "j" the proofs that a browser encrypts; "b" the body of PERSONAL_BEGIN, for a
 * keeper that has one credential.
 */
#include "base/clock.h"
#include "personal/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CREDENTIAL "0123456789abcdef0123456789abcdef"

static struct operation_document documents[PERSONAL_HASHES_MAXIMUM];
static uint8_t hashes[PERSONAL_HASHES_MAXIMUM][DIGEST_SIZE_MAXIMUM];

static void read_text(slice text)
{
    struct operation_text o;
    struct buf again;
    if (operation_read(text, documents, PERSONAL_HASHES_MAXIMUM, &o, NULL) != RFD_OK) return;
    for (size_t i = 0; i < o.count; i++)
        documents[i].hash = slice_of(hashes[i], operation_hash(&documents[i], hashes[i]));
    buf_init(&again, PERSONAL_TEXT_MAXIMUM);
    if (operation_write(&o, &again, NULL) != RFD_OK || !slice_equal(text, buf_slice(&again))) __builtin_trap();
    buf_dispose(&again);
}

static void read_proofs(slice text)
{
    struct proofs p = {.password = SLICE_EMPTY};
    buf_init(&p.bytes, PROOFS_MAXIMUM);
    buf_put_slice(&p.bytes, text);
    if (proofs_read(&p, NULL) == RFD_OK && p.password.length + p.code.length + p.new_password.length > text.length)
        __builtin_trap();
    proofs_dispose(&p);
}

/* ---- A keeper ---- */

static rfd_status hear(void *context, const struct keeper_event *event, struct rfd_error *error)
{
    (void)context;
    (void)event;
    (void)error;
    return RFD_OK;
}

static char folder[64];
static struct keystore store;
static struct personal *personal;

static void remove_folder(void)
{
    char path[2 * sizeof folder];
    personal_free(personal);
    keystore_close(&store);
    (void)snprintf(path, sizeof path, "%s/" CREDENTIAL ".cred", folder);
    (void)unlink(path);
    static const char *const names[] = {"activation.key", "attestation.key", "master", "lock"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

static void add_credential(void)
{
    struct record r = {.id = CREDENTIAL,
                       .holder = "IDCPE-00000001",
                       .state = PERSONAL_ACTIVE,
                       .algorithm = KEY_ALGORITHM_P256,
                       .expires = INT64_MAX,
                       .channel = PERSONAL_SMS,
                       .mobile = "+51999000111",
                       .profile = SLICE("pe-natural-person")};
    if (record_write(personal, &r, true, NULL) != RFD_OK || holders_add(personal, &r, NULL) != RFD_OK) abort();
}

static void make_keeper(void)
{
    struct master master;
    struct personal_options options = personal_defaults;
    rfd_time moment;
    (void)snprintf(folder, sizeof folder, "/tmp/fuzz_personal-%d", (int)getpid());
    if (!clock_parse_iso(SLICE("2026-11-22T01:02:03Z"), &moment) ||
        master_from_secret(MASTER_PASSPHRASE, SLICE("m"), &master, NULL) != RFD_OK)
        abort();
    clock_fix(moment);
    master.passes = 1;
    master.kibibytes = 64;
    if (keystore_files_init(folder, &master, NULL) != RFD_OK ||
        keystore_files_open(folder, &master, &store, NULL) != RFD_OK ||
        personal_new(&store, &options, hear, NULL, &personal, NULL) != RFD_OK)
        abort();
    master_dispose(&master);
    add_credential();
    (void)atexit(remove_folder);
}

static void begin(slice body)
{
    struct keeper_session session = {.sender = KEEPER_FROM_WEB, .greeted = true};
    const struct message m = {.type = PERSONAL_BEGIN, .body = body};
    struct buf answer;
    if (personal == NULL) make_keeper();
    buf_init(&answer, KEEPER_MESSAGE_MAXIMUM);
    if (personal_handle(personal, &session, &m, &answer, NULL) != RFD_OK) __builtin_trap();
    if (personal->pending->count > PERSONAL_OPERATIONS_MAXIMUM || personal->pending->bytes > PERSONAL_BYTES_MAXIMUM)
        __builtin_trap();
    buf_dispose(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice in = slice_of(data, size);
    if (size == 0) return 0;
    if (data[0] == 't') read_text(slice_from(in, 1));
    if (data[0] == 'j') read_proofs(slice_from(in, 1));
    if (data[0] == 'b') begin(slice_from(in, 1));
    return 0;
}
