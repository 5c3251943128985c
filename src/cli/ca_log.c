/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda ca log: the transparency log as the database has it.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "cli/ca.h"
#include "cli/json.h"
#include "domain/transparency/transparency.h"
#include "pki/digest.h"

enum { HEX_SIZE = 2 * TRANSPARENCY_HASH_SIZE + 1, LATE_SECONDS = 3600 };

struct log_figures {
    struct transparency_counts counts;
    struct tree_head head;
    bool has_head, good;
    char root[HEX_SIZE], key[HEX_SIZE];
};

static void put_hex(const uint8_t hash[TRANSPARENCY_HASH_SIZE], char text[HEX_SIZE])
{
    number_to_hex(slice_of(hash, TRANSPARENCY_HASH_SIZE), false, (uint8_t *)text);
    text[HEX_SIZE - 1] = '\0';
}

static rfd_status read_figures(struct ca_home *home, struct log_figures *out, struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    slice key = SLICE_EMPTY;
    TRY(transparency_count(home->store, &out->counts, error));
    rfd_status status = transparency_head(home->store, &home->arena, &out->head, error);
    if (status == RFD_E_NOT_FOUND) return RFD_OK;
    TRY(status);
    TRY(transparency_key(home->store, &home->arena, &key, error));
    TRY(digest_of(DIGEST_SHA256, key, digest, error));
    out->has_head = true;
    out->good = tree_head_verify(&out->head, key, NULL) == RFD_OK;
    put_hex(out->head.root, out->root);
    put_hex(digest, out->key);
    return RFD_OK;
}

static void print_json(const struct log_figures *f)
{
    char moment[CLOCK_TEXT_SIZE];
    json_t *list = json_array();
    json_t *row =
        json_pack("{s:I, s:I}", "leaves", (json_int_t)f->counts.size, "waiting", (json_int_t)f->counts.waiting);
    if (f->has_head)
        (void)json_object_set_new(row, "head",
                                  json_pack("{s:I, s:s, s:s, s:s, s:b}", "size", (json_int_t)f->head.size, "time",
                                            clock_iso(f->head.time, moment), "root", f->root, "key", f->key, "good",
                                            f->good));
    (void)json_array_append_new(list, row);
    json_print(stdout, "log", list);
}

static void print_text(const struct log_figures *f)
{
    char moment[MOMENT_SIZE];
    (void)printf("%-22s %llu\n", tr(N_("leaves")), (unsigned long long)f->counts.size);
    (void)printf("%-22s %llu\n", tr(N_("waiting")), (unsigned long long)f->counts.waiting);
    if (!f->has_head) {
        (void)printf("%-22s %s\n", tr(N_("signed head")), tr(N_("none yet: the worker has it signed")));
        return;
    }
    (void)printf("%-22s %llu, %s%s%s\n", tr(N_("signed head")), (unsigned long long)f->head.size,
                 style_on(stdout, f->head.time < clock_now() - LATE_SECONDS * RFD_SECOND ? STYLE_WARN : STYLE_GOOD),
                 moment_text(f->head.time, moment), style_on(stdout, STYLE_PLAIN));
    (void)printf("%-22s %s\n", tr(N_("root")), f->root);
    (void)printf("%-22s %s\n", tr(N_("key (SHA-256)")), f->key);
    if (!f->good) message_error("%s", tr(N_("the head's signature is wrong")));
}

int ca_log(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home = {0};
    struct log_figures figures = {.has_head = false};
    rfd_status status = ca_home_open(a, CA_HOME_STORE, &home, &error);
    if (status == RFD_OK) status = read_figures(&home, &figures, &error);
    if (status == RFD_OK && a->json) print_json(&figures);
    if (status == RFD_OK && !a->json) print_text(&figures);
    ca_home_close(&home);
    if (status != RFD_OK) return ca_exit(NULL, &error);
    return figures.has_head && !figures.good ? 1 : 0;
}
