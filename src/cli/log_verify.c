/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda log verify: an outsider's look at a transparency log. The head's signature is checked, the root computed
 * anew from all leaves, and the head that was seen the last time must be on the way: then nothing was taken out or
 * altered since. With --certificate it is only asked whether one certificate is in the log.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/source.h"
#include "cli/audit.h"
#include "cli/json.h"
#include "cli/log_client.h"
#include "cli/log_state.h"
#include "cli/safe_text.h"
#include "domain/transparency/tree.h"
#include "pki/certificate/certificate.h"
#include "pki/digest.h"

enum { HASH = TRANSPARENCY_HASH_SIZE, ARENA_MAXIMUM = 1 << 20, PATH_SIZE = 4096, HEX_SIZE = 2 * HASH + 1 };
enum { EXIT_FAULT = 1, EXIT_NETWORK = 3 };
#define DAY (86400 * RFD_SECOND)

enum fault { FINE, KEY, SIGNATURE, SHRUNK, FORKED, CUT, ROOT, PROOF, ABSENT };
static const struct {
    const char *name, *text, *hint;
} faults[] = {
    [FINE] = {"", "", ""},
    [KEY] = {"key", N_("The log's key is not the one of the last time"),
             N_("Ask whoever runs the log why; if the change is announced, begin with a new --state file.")},
    [SIGNATURE] = {"signature", N_("The head is not signed by the log's key"), ""},
    [SHRUNK] = {"shrunk", N_("The log has shrunk"), N_("Keep both heads as evidence: both are signed.")},
    [FORKED] = {"forked", N_("The log is not the one of the last time: what it had then was altered"),
                N_("Keep both heads as evidence: both are signed.")},
    [CUT] = {"cut", N_("The log does not give all the leaves that its head counts"), ""},
    [ROOT] = {"root", N_("The leaves are not those that the head was signed for"), ""},
    [PROOF] = {"proof", N_("The log's proof is wrong"), ""},
    [ABSENT] = {"absent", N_("The certificate is not in the log"),
                N_("A certificate that was issued a moment ago gets there within a minute.")},
};

struct check {
    const struct arguments *a;
    const char *url;
    struct arena arena;
    slice key; /* SubjectPublicKeyInfo */
    struct log_state now, before;
    bool has_before;
    enum fault fault;
    uint8_t certificate[HASH]; /* with --certificate: its SHA-256, and its place */
    uint64_t index;
};

/* --- What it is checked with -------------------------------------------------------------------------------------- */

static rfd_status read_file(const char *path, struct arena *a, slice *out, struct rfd_error *error)
{
    struct buf bytes;
    buf_init(&bytes, ARENA_MAXIMUM / 4);
    rfd_status status = source_read_file(path, ARENA_MAXIMUM / 4, &bytes, error);
    if (status == RFD_OK) *out = arena_copy(a, buf_slice(&bytes));
    if (status == RFD_OK && out->data == NULL) status = arena_failed(a, error);
    buf_dispose(&bytes);
    return status;
}

static rfd_status find_key(struct check *c, struct rfd_error *error)
{
    slice file = SLICE_EMPTY;
    if (c->a->key == NULL) {
        TRY(log_client_key(c->url, &c->arena, &c->key, error));
    } else {
        TRY(read_file(c->a->key, &c->arena, &file, error));
        rfd_status status = log_client_read_key(file, &c->arena, &c->key, error);
        if (status != RFD_OK) return error_wrap(error, RFD_E_KEY_READ, "%s", c->a->key);
    }
    return digest_of(DIGEST_SHA256, c->key, c->now.key, error);
}

/** The remembered head must be the log's own, or it is evidence of nothing. */
static rfd_status find_state(struct check *c, struct rfd_error *error)
{
    if (c->a->log_state == NULL) return RFD_OK;
    rfd_status status = log_state_read(c->a->log_state, &c->arena, &c->before, &c->has_before, error);
    if (status != RFD_OK) return error_wrap(error, RFD_E_IO_READ, "%s", c->a->log_state);
    if (!c->has_before) return RFD_OK;
    if (memcmp(c->before.key, c->now.key, HASH) != 0) {
        c->fault = KEY;
        return RFD_OK;
    }
    if (tree_head_verify(&c->before.head, c->key, error) == RFD_OK) return RFD_OK;
    return error_set(error, RFD_E_IO_READ, "%s: the head in it was altered", c->a->log_state);
}

static rfd_status find_certificate(struct check *c, struct rfd_error *error)
{
    struct certificate_list list = {0};
    slice file = SLICE_EMPTY;
    TRY(read_file(c->a->cert, &c->arena, &file, error));
    rfd_status status = certificate_list_read(&list, file, error);
    if (status == RFD_OK && list.count == 0) status = error_set(error, RFD_E_IO_READ, "%s: no certificate", c->a->cert);
    if (status == RFD_OK) memcpy(c->certificate, list.items[0]->fingerprint, HASH);
    certificate_list_dispose(&list);
    return status;
}

/* --- The checks --------------------------------------------------------------------------------------------------- */

static rfd_status check_head(struct check *c, struct rfd_error *error)
{
    TRY(log_client_head(c->url, &c->arena, &c->now.head, error));
    rfd_status status = tree_head_verify(&c->now.head, c->key, error);
    if (status == RFD_E_MEMORY) return status;
    if (status != RFD_OK)
        c->fault = SIGNATURE;
    else if (c->has_before && c->now.head.size < c->before.head.size)
        c->fault = SHRUNK;
    error_clear(error);
    return RFD_OK;
}

static bool is_root(const struct tree *tree, const struct tree_head *head)
{
    uint8_t root[HASH];
    tree_root(tree, root);
    return memcmp(root, head->root, HASH) == 0;
}

/** When the tree is as large as it was the last time, it must be the tree of the last time. */
static void pass_by(struct check *c, const struct tree *tree)
{
    if (!c->has_before || tree->size != c->before.head.size) return;
    if (!is_root(tree, &c->before.head)) c->fault = FORKED;
}

static rfd_status grow(struct check *c, struct tree *tree, slice leaves, struct rfd_error *error)
{
    for (; leaves.length > 0 && c->fault == FINE; leaves = slice_from(leaves, HASH)) {
        uint8_t leaf[HASH];
        tree_leaf_hash(slice_part(leaves, 0, HASH), leaf);
        TRY(tree_append(tree, leaf, NULL, NULL, error));
        pass_by(c, tree);
    }
    return RFD_OK;
}

static rfd_status check_leaves(struct check *c, struct rfd_error *error)
{
    struct tree tree = {0};
    struct buf leaves;
    rfd_status status = RFD_OK;
    buf_init(&leaves, (size_t)LOG_LEAVES_AT_ONCE * HASH);
    pass_by(c, &tree);
    while (status == RFD_OK && c->fault == FINE && tree.size < c->now.head.size) {
        buf_reset(&leaves);
        status = log_client_leaves(c->url, tree.size, c->now.head.size - tree.size, &leaves, error);
        if (status == RFD_E_NOT_FOUND) {
            c->fault = CUT;
            error_clear(error);
            status = RFD_OK;
        } else if (status == RFD_OK) {
            status = grow(c, &tree, buf_slice(&leaves), error);
        }
    }
    buf_dispose(&leaves);
    if (status == RFD_OK && c->fault == FINE && !is_root(&tree, &c->now.head)) c->fault = ROOT;
    return status;
}

/** The proof that others rely on who do not fetch all leaves. */
static rfd_status check_consistency(struct check *c, struct rfd_error *error)
{
    struct tree_proof proof;
    const struct tree_head *before = &c->before.head;
    const struct tree_head *now = &c->now.head;
    if (!c->has_before) return RFD_OK;
    TRY(log_client_consistency(c->url, before->size, now->size, &proof, error));
    if (!tree_consistency_holds(before->size, now->size, before->root, now->root, (const uint8_t(*)[HASH])proof.hashes,
                                proof.count))
        c->fault = c->a->cert != NULL ? FORKED : PROOF;
    return RFD_OK;
}

static rfd_status check_inclusion(struct check *c, struct rfd_error *error)
{
    struct tree_proof proof;
    uint8_t leaf[HASH];
    rfd_status status = log_client_inclusion(c->url, c->certificate, c->now.head.size, &proof, error);
    if (status == RFD_E_NOT_FOUND) {
        c->fault = ABSENT;
        error_clear(error);
        return RFD_OK;
    }
    TRY(status);
    tree_leaf_hash(slice_of(c->certificate, HASH), leaf);
    c->index = proof.index;
    if (!tree_inclusion_holds(proof.index, c->now.head.size, leaf, (const uint8_t(*)[HASH])proof.hashes, proof.count,
                              c->now.head.root))
        c->fault = PROOF;
    return RFD_OK;
}

static rfd_status check_all(struct check *c, struct rfd_error *error)
{
    if (c->a->cert != NULL) TRY(find_certificate(c, error));
    TRY(find_key(c, error));
    TRY(find_state(c, error));
    if (c->fault == FINE) TRY(check_head(c, error));
    if (c->fault == FINE && c->a->cert == NULL) TRY(check_leaves(c, error));
    if (c->fault == FINE) TRY(check_consistency(c, error));
    if (c->fault == FINE && c->a->cert != NULL) TRY(check_inclusion(c, error));
    return RFD_OK;
}

/* --- What is kept ------------------------------------------------------------------------------------------------- */

/** Where the head goes that contradicts the remembered one. */
static bool contradiction_path(const struct check *c, char path[PATH_SIZE])
{
    int length = snprintf(path, PATH_SIZE, "%s.contradiction", c->a->log_state);
    return length > 0 && length < PATH_SIZE;
}

/** A head that was found good replaces the last one; one that contradicts it is laid beside it. */
static rfd_status keep(const struct check *c, struct rfd_error *error)
{
    char path[PATH_SIZE];
    if (c->a->log_state == NULL) return RFD_OK;
    if (c->fault == FINE) return log_state_write(c->a->log_state, &c->now, error);
    if ((c->fault != SHRUNK && c->fault != FORKED) || !contradiction_path(c, path)) return RFD_OK;
    return log_state_write(path, &c->now, error);
}

/* --- What is told ------------------------------------------------------------------------------------------------- */

static const char *hex_text(const uint8_t hash[HASH], char text[HEX_SIZE])
{
    for (size_t i = 0; i < HASH; i++) (void)snprintf(text + 2 * i, 3, "%02x", hash[i]);
    return text;
}

static void print_head(FILE *to, const char *what, const struct tree_head *head)
{
    char moment[MOMENT_SIZE];
    char root[HEX_SIZE];
    (void)fprintf(to, "  %s: %llu, %s, %s\n", what, (unsigned long long)head->size, moment_text(head->time, moment),
                  hex_text(head->root, root));
}

static void tell_fault(const struct check *c)
{
    char path[PATH_SIZE];
    message_error("%s: %s", c->url, tr(faults[c->fault].text));
    if (c->has_before) print_head(stderr, tr(N_("last time")), &c->before.head);
    if (c->fault != KEY) print_head(stderr, tr(N_("now")), &c->now.head);
    if (faults[c->fault].hint[0] != '\0') message_hint("%s", tr(faults[c->fault].hint));
    if (c->a->log_state != NULL && (c->fault == SHRUNK || c->fault == FORKED) && contradiction_path(c, path))
        message_hint(tr(N_("The head of now is in %s.")), path);
}

static void tell_good(const struct check *c)
{
    char moment[MOMENT_SIZE];
    const struct tree_head *now = &c->now.head;
    if (now->time < clock_now() - DAY)
        message_warning(tr(N_("the head is from %s: the log is not being signed any more")),
                        moment_text(now->time, moment));
    if (c->a->quiet) return;
    if (c->a->cert != NULL)
        (void)printf(tr(N_("The certificate is leaf %llu of the log of %llu, signed %s.\n")),
                     (unsigned long long)c->index, (unsigned long long)now->size, moment_text(now->time, moment));
    else
        (void)printf(tr(N_("The log is whole: %llu leaves, signed %s.\n")), (unsigned long long)now->size,
                     moment_text(now->time, moment));
    if (c->has_before)
        (void)printf(tr(N_("It continues the log of %llu leaves of %s.\n")), (unsigned long long)c->before.head.size,
                     moment_text(c->before.head.time, moment));
    if (c->a->key == NULL && !c->has_before) {
        char key[HEX_SIZE];
        (void)printf(
            tr(N_("The key is the one that the log itself names, SHA-256 %s; give another source's with --key.\n")),
            hex_text(c->now.key, key));
    }
}

static void tell_json(const struct check *c)
{
    char root[HEX_SIZE];
    char key[HEX_SIZE];
    char moment[CLOCK_TEXT_SIZE];
    json_t *list = json_array();
    json_t *row = json_pack("{s:o, s:b, s:s, s:I, s:s, s:s, s:s}", "url", safe_json(c->url), "good", c->fault == FINE,
                            "fault", faults[c->fault].name, "size", (json_int_t)c->now.head.size, "time",
                            clock_iso(c->now.head.time, moment), "root", hex_text(c->now.head.root, root), "key",
                            hex_text(c->now.key, key));
    if (c->a->cert != NULL && c->fault == FINE)
        (void)json_object_set_new(row, "index", json_integer((json_int_t)c->index));
    if (c->has_before) (void)json_object_set_new(row, "before", json_integer((json_int_t)c->before.head.size));
    (void)json_array_append_new(list, row);
    json_print(stdout, "log", list);
}

static int exit_of(const struct rfd_error *error)
{
    switch (error->code) {
    case RFD_E_NETWORK:
    case RFD_E_NETWORK_FORBIDDEN:
    case RFD_E_NOT_FOUND:
    case RFD_E_PROTOCOL:
    case RFD_E_LIMIT: return EXIT_NETWORK;
    case RFD_E_KEY_READ: return exit_of_status(RFD_E_IO_READ);
    default: return exit_of_status(error->code);
    }
}

int log_verify(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct check c = {.a = a};
    if (a->operand_count != 1) {
        message_error("%s", tr(N_("log verify takes one address")));
        message_hint("%s", tr(N_("See refrenda log verify --help")));
        return EXIT_USAGE;
    }
    c.url = a->operands[0];
    arena_init(&c.arena, ARENA_MAXIMUM);
    rfd_status status = check_all(&c, &error);
    if (status == RFD_OK) status = keep(&c, &error);
    if (status != RFD_OK) {
        message_status(c.url, &error);
    } else {
        if (a->json) tell_json(&c);
        if (c.fault != FINE)
            tell_fault(&c);
        else if (!a->json)
            tell_good(&c);
    }
    arena_dispose(&c.arena);
    if (status != RFD_OK) return exit_of(&error);
    return c.fault == FINE ? 0 : EXIT_FAULT;
}
