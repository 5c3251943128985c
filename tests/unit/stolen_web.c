/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "stolen_web.h"

#include "base/error.h"
#include "domain/central/internal.h"
#include "pki_fixture.h"

#include <dirent.h>
#include <stdio.h>

enum { MILLISECONDS = 60000, TEXT = 600 };

struct stolen stolen;

/* ---- Links ---- */

/** Asks and empties the body; the answer is in `reply`. */
rfd_status stolen_ask(struct keeper_client *keeper, unsigned operation)
{
    keeper_reply_dispose(&stolen.reply);
    stolen.reply = (struct keeper_reply){.fields = message_read(SLICE_EMPTY)};
    rfd_status status =
        keeper_client_ask(keeper, operation, buf_slice(&stolen.body), -1, MILLISECONDS, &stolen.reply, NULL);
    buf_reset(&stolen.body);
    return status;
}

rfd_status stolen_ask_personal(unsigned operation)
{
    return stolen_ask(stolen.c.personal, operation);
}

rfd_status stolen_ask_authority(unsigned operation)
{
    return stolen_ask(stolen.c.keeper, operation);
}

struct operation_text stolen_about(enum operation_kind kind)
{
    return (struct operation_text){.kind = kind,
                                   .credential =
                                       kind == OPERATION_GENERATE ? SLICE_EMPTY : slice_text(stolen.credential),
                                   .portal = SLICE("Sede electrónica"),
                                   .mobile = kind == OPERATION_MOBILE ? SLICE(STOLEN_MOBILE) : SLICE_EMPTY};
}

rfd_status stolen_begin_text(const struct operation_text *text, slice statement, struct central_authorisation *out)
{
    struct central_begin b = {.text = *text, .language = SLICE("es"), .statement = statement};
    return central_begin(&stolen.c, &b, &stolen.memory, out, NULL);
}

/** To sign two documents that say "1" and "2"; `changed` of them says something else. */
rfd_status stolen_begin_two(slice portal, slice statement, unsigned changed_shown, unsigned changed_hash,
                            struct central_authorisation *out)
{
    static struct operation_document documents[2];
    static uint8_t hashes[2][OPERATION_HASH_SIZE];
    struct operation_text text = stolen_about(OPERATION_SIGN);
    for (unsigned i = 0; i < 2; i++) {
        const char *says[] = {i == 0 ? "1" : "2", "Otra cosa"};
        assert_int_equal(digest_of(DIGEST_SHA256, slice_text(says[changed_hash == i + 1]), hashes[i], NULL), RFD_OK);
        documents[i] = (struct operation_document){.title = i == 0 ? SLICE("Solicitud") : SLICE("Anexo"),
                                                   .hash = slice_of(hashes[i], sizeof hashes[i])};
        memset(documents[i].shown, changed_shown == i + 1 ? 0x99 : (int)i + 1, sizeof documents[i].shown);
    }
    text.digest = DIGEST_SHA256;
    text.documents = documents;
    text.count = 2;
    if (portal.length > 0) text.portal = portal;
    return stolen_begin_text(&text, statement, out);
}

rfd_status stolen_begin_signing(struct central_authorisation *out)
{
    return stolen_begin_two(SLICE_EMPTY, SLICE_EMPTY, 0, 0, out);
}

/** What the browser encrypted goes to an operation, whichever. */
rfd_status stolen_activate(const uint8_t *operation, const struct central_proofs *proofs,
                           uint8_t sad[PERSONAL_SAD_SIZE])
{
    message_put_bytes(&stolen.body, slice_of(operation, PERSONAL_OPERATION_SIZE));
    message_put_bytes(&stolen.body, proofs->encapsulated);
    message_put_bytes(&stolen.body, proofs->sealed);
    rfd_status status = stolen_ask_personal(PERSONAL_ACTIVATE);
    if (status != RFD_OK || sad == NULL) return status;
    memcpy(sad, message_get_bytes(&stolen.reply.fields, PERSONAL_SAD_SIZE).data, PERSONAL_SAD_SIZE);
    return RFD_OK;
}

/** Signs the documents that say this. */
rfd_status stolen_sign(const uint8_t *sad, const char *first, const char *second)
{
    const char *const says[] = {first, second};
    uint8_t hash[OPERATION_HASH_SIZE];
    message_put_bytes(&stolen.body, slice_of(sad, PERSONAL_SAD_SIZE));
    message_put_u32(&stolen.body, second == NULL ? 1 : 2);
    for (unsigned i = 0; i < 2 && says[i] != NULL; i++) {
        assert_int_equal(digest_of(DIGEST_SHA256, slice_text(says[i]), hash, NULL), RFD_OK);
        message_put_bytes(&stolen.body, slice_of(hash, sizeof hash));
    }
    return stolen_ask_personal(PERSONAL_SIGN);
}

/** Events in the holder's own log. */
uint64_t stolen_events(void)
{
    message_put_text(&stolen.body, stolen.credential);
    message_put_u64(&stolen.body, 0);
    assert_int_equal(stolen_ask_personal(PERSONAL_READ_LOG), RFD_OK);
    return message_get_u64(&stolen.reply.fields);
}

/* ---- The telephone, which only its owner reads ---- */

/** The message about this operation; `which`: its first or second code. */
struct sent stolen_receive(const uint8_t *operation, unsigned which)
{
    struct sent sent = {.code = ""};
    assert_int_equal(stolen_ask(central_link(KEEPER_FROM_WORKER), PERSONAL_TAKE_CODES), RFD_OK);
    struct message_reader *r = &stolen.reply.fields;
    uint32_t count = message_get_u32(r);
    for (uint32_t i = 0; i < count; i++) {
        slice id = message_get_bytes(r, PERSONAL_OPERATION_SIZE);
        uint8_t number = message_get_u8(r);
        (void)message_get_u8(r);
        slice address = message_get_text(r, sizeof sent.address - 1);
        for (unsigned k = 0; k < 4; k++) (void)message_get_text(r, TEXT); /* language, kind, portal, title */
        (void)message_get_u32(r);
        slice code = message_get_text(r, STOLEN_CODE_SIZE - 1);
        (void)message_get_i64(r);
        if (number != which || !slice_equal(id, slice_of(operation, PERSONAL_OPERATION_SIZE))) continue;
        (void)snprintf(sent.address, sizeof sent.address, "%.*s", (int)address.length, (const char *)address.data);
        (void)snprintf(sent.code, sizeof sent.code, "%.*s", (int)code.length, (const char *)code.data);
    }
    assert_int_equal(message_end(r, "codes", NULL), RFD_OK);
    assert_int_not_equal(sent.code[0], '\0');
    return sent;
}

static void other_code(char code[STOLEN_CODE_SIZE])
{
    code[0] = code[0] == '9' ? '0' : (char)(code[0] + 1);
}

/** Tries codes until it is over; nothing but a lock comes of it. */
void stolen_try_codes(const struct central_authorisation *begun, const char *code, rfd_status last)
{
    char guess[STOLEN_CODE_SIZE];
    (void)snprintf(guess, sizeof guess, "%s", code);
    for (unsigned i = 1; i <= STOLEN_TRIES; i++) {
        other_code(guess);
        const struct central_proofs proofs = central_prove(begun, CENTRAL_PASSWORD, guess);
        assert_int_equal(stolen_activate(begun->operation, &proofs, NULL),
                         i < STOLEN_TRIES ? RFD_E_ACTIVATION_CODE : last);
    }
}

/* ---- Database and disk ---- */

static rfd_status do_run(struct transaction *t, void *context, struct rfd_error *error)
{
    return store_run(t, context, NULL, 0, NULL, error);
}

void stolen_change(const char *sql)
{
    WORLD_OK(store_write(stolen.store, do_run, (void *)(uintptr_t)sql, &error));
}

struct reading {
    const char *sql;
    slice value;
};

static rfd_status do_read(struct transaction *t, void *context, struct rfd_error *error)
{
    struct reading *r = context;
    struct store_rows rows;
    TRY(store_run(t, r->sql, NULL, 0, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, NULL);
    r->value = store_cell(&rows, 0, 0)->bytes;
    return store_keep(&stolen.memory, &r->value, error);
}

slice stolen_read_value(const char *sql)
{
    struct reading r = {.sql = sql};
    WORLD_OK(store_read(stolen.store, do_read, &r, &error));
    return r.value;
}

static rfd_status put_row(void *context, const struct store_value *values, size_t columns, struct rfd_error *error)
{
    for (size_t i = 0; i < columns; i++) {
        if (values[i].type == STORE_INTEGER) buf_print(context, "%lld", (long long)values[i].integer);
        buf_put_slice(context, values[i].bytes);
        buf_put_byte(context, '\n');
    }
    return buf_check(context, "dump", error);
}

static rfd_status do_dump(struct transaction *t, void *context, struct rfd_error *error)
{
    struct store_rows tables;
    TRY(store_run(t,
                  store_transaction_kind(t) == STORE_SQLITE
                      ? "SELECT name FROM sqlite_master WHERE type = 'table'"
                      : "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()",
                  NULL, 0, &tables, error));
    assert_true(tables.count > 50);
    for (size_t i = 0; i < tables.count; i++) {
        slice name = store_cell(&tables, i, 0)->bytes;
        const char *sql = arena_print(&stolen.memory, "SELECT * FROM %.*s", (int)name.length, (const char *)name.data);
        TRY(store_each(t, sql, NULL, 0, put_row, context, error));
    }
    return RFD_OK;
}

static void dump_folder(const char *path, struct buf *out)
{
    char file[TEXT];
    struct buf content;
    DIR *folder = opendir(path);
    if (folder == NULL) {
        if (file_read(path, &content)) buf_put_slice(out, buf_slice(&content));
        buf_dispose(&content);
        return;
    }
    for (const struct dirent *e = readdir(folder); e != NULL; e = readdir(folder)) {
        if (e->d_name[0] == '.') continue;
        (void)snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        dump_folder(file, out);
    }
    (void)closedir(folder);
}

/** All rows of all tables, all blobs, the whole spool. */
void stolen_dump(struct buf *out)
{
    WORLD_OK(store_read(stolen.store, do_dump, out, &error));
    dump_folder("blobs", out);
    dump_folder("spool", out);
}

bool stolen_contains(const struct buf *b, const char *text)
{
    return memmem(b->data, b->length, text, strlen(text)) != NULL;
}

void stolen_redirect_everybody(void)
{
    stolen_change("UPDATE person SET mobile = '" STOLEN_MOBILE "'");
    stolen_change("UPDATE applicant SET mobile = '" STOLEN_MOBILE "', mail = 'evil@example.org'");
    stolen_change("UPDATE person SET mail = 'evil@example.org' WHERE id = 4");
}

/** How many certificates the authority has signed; they fit in one answer. */
uint32_t stolen_journal_length(void)
{
    message_put_text(&stolen.body, "issuing-1");
    message_put_u64(&stolen.body, 0);
    assert_int_equal(stolen_ask_authority(KEEPER_JOURNAL), RFD_OK);
    uint32_t count = message_get_u32(&stolen.reply.fields);
    assert_in_range(count, 1, 300);
    return count;
}

int64_t stolen_certificates_of_ana(void)
{
    return domain_store_number(stolen.store, "SELECT count(*) FROM certificate WHERE subject_id = 'IDCPE-00000004'");
}

/* ---- The world ---- */

void stolen_take_over(void **state)
{
    stolen.office = central_open(state, &stolen.c);
    stolen.store = stolen.office->store;
    central_made(stolen.office, &stolen.c, ANA, stolen.credential);
}

int stolen_set_up(void **state)
{
    arena_init(&stolen.memory, 256 << 20);
    buf_init(&stolen.body, KEEPER_MESSAGE_MAXIMUM);
    return central_setup(state);
}

int stolen_tear_down(void **state)
{
    arena_dispose(&stolen.memory);
    buf_dispose(&stolen.body);
    keeper_reply_dispose(&stolen.reply);
    return central_teardown(state);
}
