/* SPDX-License-Identifier: EUPL-1.2
 *
 * What people hand in: taken for what it is, seen by who may, marked by who attends, gone when a virus was found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "evidence_world.h"
#include "image_maker.h"
#include "pdf_support.h"

#include <stdio.h>

enum { MEGABYTE = 1 << 20 };

/* ---- What a file is ---- */

static const char *judged(slice content, const struct pack_evidence *pack)
{
    const char *why = "nothing was said";
    struct rfd_error error = RFD_ERROR_INIT;
    if (evidence_check(content, pack, &why, &error) != RFD_OK) fail_msg("%s", error.detail);
    return why;
}

static void refused(slice content, const struct pack_evidence *pack, const char *word)
{
    const char *why = judged(content, pack);
    if (why == NULL || strstr(why, word) == NULL) fail_msg("\"%s\" does not say \"%s\"", why == NULL ? "" : why, word);
}

static void make_pdf(struct buf *out)
{
    static const char *const objects[] = {"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                                          "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>"};
    buf_reset(out);
    support_make_pdf(out, objects, 3, "/Root 1 0 R");
}

static void make_png(struct buf *out)
{
    buf_dispose(out);
    maker_png(&(struct maker_png){"any", MAKER_RGB, 8, false, false, 0}, out);
}

static void make_jpeg(struct buf *out)
{
    buf_dispose(out);
    maker_jpeg(&(struct maker_jpeg){.name = "any"}, out);
}

typedef void make_file(struct buf *out);
static make_file *const kinds[] = {make_pdf, make_png, make_jpeg};
enum { KINDS = 3 };

/** An empty archive: its end alone. */
static const char archive[] = "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

static void good_files(void **state)
{
    (void)state;
    struct buf file;
    buf_init(&file, MEGABYTE);
    for (size_t i = 0; i < KINDS; i++) {
        kinds[i](&file);
        assert_null(judged(buf_slice(&file), NULL));
    }
    make_jpeg(&file); /* a camera with two lenses */
    struct buf second;
    buf_init(&second, MEGABYTE);
    make_jpeg(&second);
    buf_put_slice(&file, buf_slice(&second));
    assert_null(judged(buf_slice(&file), NULL));
    buf_dispose(&second);
    buf_dispose(&file);
}

static void cut_files(void **state)
{
    (void)state;
    struct buf file;
    buf_init(&file, MEGABYTE);
    for (size_t i = 0; i < KINDS; i++) {
        kinds[i](&file);
        /* A PDF has blanks at its end that nobody misses. */
        size_t least = i == 0 ? file.length - 20 : file.length - 1;
        for (size_t length = least; length > 0; length -= length > 100 ? 37 : 1)
            assert_non_null(judged(slice_of(file.data, length), NULL));
    }
    refused(SLICE_EMPTY, NULL, "empty");
    buf_dispose(&file);
}

static void disguised_files(void **state)
{
    (void)state;
    static const char *const others[] = {"MZ\x90",
                                         "<html><script>alert(1)</script>",
                                         "PK\3\4",
                                         "GIF89a",
                                         "\x7f"
                                         "ELF",
                                         "  %PDF-1.7\n",
                                         "%!PS-Adobe-3.0"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) refused(slice_text(others[i]), NULL, "neither");
    refused(SLICE("\x89PNG\r\n\x1a\n<script>"), NULL, "damaged");
    refused(SLICE("\xff\xd8\xff\xe0<script>"), NULL, "damaged");
    refused(SLICE("%PDF-1.7\n<script>"), NULL, "damaged");
}

static void two_things_at_once(void **state)
{
    (void)state;
    struct buf file;
    buf_init(&file, MEGABYTE);
    for (size_t i = 0; i < KINDS; i++) {
        kinds[i](&file);
        buf_put(&file, archive, sizeof archive - 1);
        refused(buf_slice(&file), NULL, "something else");
        kinds[i](&file);
        buf_put_text(&file, "<script>alert(1)</script>");
        refused(buf_slice(&file), NULL, "something else");
    }
    make_png(&file);
    struct buf pdf;
    buf_init(&pdf, MEGABYTE);
    buf_put(&pdf, file.data, 33); /* signature and IHDR */
    maker_png_chunk(&pdf, "tEXt", SLICE("k\0%PDF-1.7\n1 0 obj"));
    buf_put(&pdf, file.data + 33, file.length - 33);
    refused(buf_slice(&pdf), NULL, "something else");
    buf_dispose(&pdf);
    buf_dispose(&file);
}

static void large_files(void **state)
{
    (void)state;
    uint8_t *bytes = memory_zeroed(1, EVIDENCE_FILE_MAXIMUM + 1);
    assert_non_null(bytes);
    memcpy(bytes, "%PDF-1.7\n", 9);
    refused(slice_of(bytes, EVIDENCE_FILE_MAXIMUM + 1), NULL, "10 MB");
    refused(slice_of(bytes, EVIDENCE_FILE_MAXIMUM), NULL, "damaged");
    memory_free(bytes);
}

static void encrypted_files(void **state)
{
    (void)state;
    if (!support_has("qpdf")) skip();
    struct buf plain;
    buf_init(&plain, MEGABYTE);
    make_pdf(&plain);
    for (size_t variant = 0; variant < 2 * (size_t)SUPPORT_ENCRYPTIONS; variant++) {
        for (int locked = 0; locked < 2; locked++) { /* to be opened with a password, or only to be printed with one */
            struct support_document d;
            support_init(&d);
            support_encrypt(&d, &plain, variant, locked == 1 ? "secret" : "", "owner");
            refused(buf_slice(&d.bytes), NULL, "encrypted");
            support_close(&d);
        }
    }
    support_clean();
    buf_dispose(&plain);
}

static void what_a_kind_demands(void **state)
{
    (void)state;
    const struct pack_evidence pdf = {.pdf = true}, image = {.image = true}, both = {.pdf = true, .image = true};
    const struct pack_evidence wide = {.image = true, .pixels = MAKER_WIDTH + 1};
    const struct pack_evidence sharp = {.image = true, .pixels = MAKER_WIDTH, .sharpness = 60000};
    struct buf file;
    buf_init(&file, MEGABYTE);
    make_pdf(&file);
    assert_null(judged(buf_slice(&file), &pdf));
    assert_null(judged(buf_slice(&file), &both));
    refused(buf_slice(&file), &image, "picture");
    make_png(&file);
    assert_null(judged(buf_slice(&file), &image));
    assert_null(judged(buf_slice(&file), &both));
    refused(buf_slice(&file), &pdf, "A PDF");
    refused(buf_slice(&file), &wide, "too small");
    refused(buf_slice(&file), &sharp, "blurred");
    double variance = 0;
    assert_int_equal(evidence_sharpness(buf_slice(&file), &variance, NULL), RFD_OK);
    assert_true(variance > 0);
    buf_dispose(&file);
}

/* ---- Rows ---- */

struct listing {
    int64_t request;
    bool all, waiting;
    struct evidence items[16];
    char scans[16][16], names[16][200];
    size_t count;
};

static rfd_status do_list(struct transaction *t, void *context, struct rfd_error *error)
{
    struct listing *l = context;
    struct evidence *found;
    if (l->waiting)
        TRY(evidence_waiting(t, 16, &found, &l->count, error));
    else
        TRY(evidence_list(t, l->request, l->all, &found, &l->count, error));
    for (size_t i = 0; i < l->count && i < 16; i++) {
        l->items[i] = found[i];
        (void)snprintf(l->scans[i], sizeof l->scans[i], "%.*s", (int)found[i].scan.length,
                       (const char *)found[i].scan.data);
        (void)snprintf(l->names[i], sizeof l->names[i], "%.*s", (int)found[i].name.length,
                       (const char *)found[i].name.data);
    }
    return RFD_OK;
}

static struct listing list(struct store *store, int64_t request, bool all, bool waiting)
{
    struct listing l = {.request = request, .all = all, .waiting = waiting};
    assert_int_equal(store_read(store, do_list, &l, NULL), RFD_OK);
    return l;
}

static void files_replace_each_other(void **state)
{
    struct store *store = domain_store_of(state);
    evidence_world_requests(store);
    int64_t first = evidence_world_put(store, 1, "identity-front", 'a', false);
    int64_t other = evidence_world_put(store, 1, "proof-of-address", 'a', false); /* the same content: stored once */
    int64_t second = evidence_world_put(store, 1, "identity-front", 'b', false);
    struct listing l = list(store, 1, false, false);
    assert_int_equal(l.count, 2);
    assert_int_equal(l.items[0].id, second);
    assert_int_equal(l.items[1].id, other);
    l = list(store, 1, true, false);
    assert_int_equal(l.count, 3);
    assert_int_equal(l.items[0].id, first);
    assert_true(l.items[0].replaced && !l.items[1].replaced);
    assert_string_equal(l.scans[0], "none");
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM blob"), 2);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM audit_waiting WHERE action = "
                                                "'registration.evidence'"),
                     3);
}

static void names_are_for_people(void **state)
{
    struct store *store = domain_store_of(state);
    static const char *const names[][2] = {{"C:\\Users\\ana\\dni.jpg", "dni.jpg"},
                                           {"../../etc/passwd", "passwd"},
                                           {"a\nb\x01.pdf", "a_b_.pdf"},
                                           {"\xff\xfe.pdf", "archivo"},
                                           {"/", "archivo"},
                                           {"", "archivo"}};
    evidence_world_requests(store);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct evidence_putting p = evidence_world_file(1, "identity-front", 'a', false);
        p.file.name = slice_text(names[i][0]);
        assert_int_equal(store_write(store, evidence_world_put_work, &p, NULL), RFD_OK);
        assert_string_equal(list(store, 1, false, false).names[0], names[i][1]);
    }
    char name[401];
    for (size_t i = 0; i < 400; i += 2) memcpy(name + i, "ñ", 3);
    struct evidence_putting p = evidence_world_file(1, "identity-front", 'a', false);
    p.file.name = slice_text(name);
    assert_int_equal(store_write(store, evidence_world_put_work, &p, NULL), RFD_OK);
    assert_int_equal(strlen(list(store, 1, false, false).names[0]), 150);
}

struct looking {
    struct actor actor;
    int64_t id;
    bool marks[3];
    struct evidence found;
    struct blob blob;
};

static rfd_status do_see(struct transaction *t, void *context, struct rfd_error *error)
{
    struct looking *l = context;
    return evidence_see(t, &l->actor, l->id, &l->found, &l->blob, error);
}

static rfd_status do_mark(struct transaction *t, void *context, struct rfd_error *error)
{
    struct looking *l = context;
    return evidence_mark(t, &l->actor, l->id, l->marks[0], l->marks[1], l->marks[2], error);
}

static rfd_status see(struct store *store, int64_t person, int64_t id)
{
    struct looking l = {.actor = world_actor(store, person), .id = id};
    return store_read(store, do_see, &l, NULL);
}

static rfd_status mark(struct store *store, int64_t person, int64_t id, bool all)
{
    struct looking l = {.actor = world_actor(store, person), .id = id, .marks = {all, all, true}};
    return store_write(store, do_mark, &l, NULL);
}

static void who_may_see(void **state)
{
    struct store *store = domain_store_of(state);
    evidence_world_requests(store);
    int64_t own = evidence_world_put(store, 1, "identity-front", 'a', false),
            agency = evidence_world_put(store, 2, "photograph", 'b', false);
    int64_t other = evidence_world_put(store, 3, "identity-front", 'c', false);
    assert_int_equal(see(store, AGENT, own), RFD_OK);
    assert_int_equal(see(store, DEPUTY, own), RFD_OK);
    assert_int_equal(see(store, OTHER_AGENT, other), RFD_OK);
    assert_int_equal(see(store, OTHER_AGENT, own), RFD_E_NOT_FOUND);
    assert_int_equal(see(store, AGENT, other), RFD_E_NOT_FOUND);
    assert_int_equal(see(store, OPERATOR, own), RFD_E_NOT_FOUND);
    assert_int_equal(see(store, AGENT, agency), RFD_OK);
    assert_int_equal(see(store, BERTA, agency), RFD_OK); /* who filed it */
    assert_int_equal(see(store, BERTA, own), RFD_E_NOT_FOUND);
    assert_int_equal(see(store, OTHER_AGENT, agency), RFD_E_NOT_FOUND);
    assert_int_equal(see(store, AGENT, 999), RFD_E_NOT_FOUND);
    struct looking nobody = {.id = own};
    assert_int_not_equal(store_read(store, do_see, &nobody, NULL), RFD_OK);
}

static void who_may_mark(void **state)
{
    struct store *store = domain_store_of(state);
    evidence_world_requests(store);
    int64_t id = evidence_world_put(store, 1, "identity-front", 'a', false);
    assert_int_equal(mark(store, DEPUTY, id, true), RFD_E_FORBIDDEN); /* Ana has it */
    assert_int_equal(mark(store, OTHER_AGENT, id, true), RFD_E_NOT_FOUND);
    assert_int_equal(mark(store, AGENT, id, true), RFD_OK);
    assert_int_equal(mark(store, AGENT, id, true), RFD_OK); /* twice is once */
    struct evidence e = list(store, 1, false, false).items[0];
    assert_true(e.legible && e.complete && e.current);
    assert_int_equal(e.checker, AGENT);
    assert_int_equal(mark(store, AGENT, id, false), RFD_OK);
    assert_false(list(store, 1, false, false).items[0].legible);
    assert_int_equal(
        domain_store_number(store, "SELECT count(*) FROM audit_waiting WHERE action = 'registration.mark'"), 2);
    int64_t better = evidence_world_put(store, 1, "identity-front", 'b', false);
    assert_int_equal(mark(store, AGENT, id, true), RFD_E_STATE);
    assert_false(list(store, 1, false, false).items[0].current); /* nobody has looked at the new one */
    (void)domain_store_run(store, "UPDATE request SET state = 'observed' WHERE id = 1");
    assert_int_equal(mark(store, AGENT, better, true), RFD_E_STATE);
}

/* ---- Viruses ---- */

static rfd_status do_scanned(struct transaction *t, void *context, struct rfd_error *error)
{
    struct looking *l = context;
    return evidence_scanned(t, l->id, l->marks[0] ? SLICE("Eicar-\"Test\"\n") : SLICE_EMPTY, error);
}

static void scanned(struct store *store, int64_t id, bool found)
{
    struct looking l = {.id = id, .marks = {found}};
    struct rfd_error error = RFD_ERROR_INIT;
    if (store_write(store, do_scanned, &l, &error) != RFD_OK) fail_msg("%s", error.detail);
}

static int64_t told(struct store *store)
{
    return domain_store_number(store, "SELECT count(*) FROM outbox WHERE recipient LIKE 'rosa%'");
}

static void nothing_found(void **state)
{
    struct store *store = domain_store_of(state);
    evidence_world_requests(store);
    int64_t id = evidence_world_put(store, 1, "identity-front", 'a', true);
    assert_int_equal(see(store, AGENT, id), RFD_E_STATE);
    assert_int_equal(mark(store, AGENT, id, true), RFD_E_STATE);
    assert_int_equal(list(store, 0, false, true).items[0].id, id);
    scanned(store, id, false);
    assert_int_equal(list(store, 0, false, true).count, 0);
    assert_int_equal(see(store, AGENT, id), RFD_OK);
    assert_int_equal(mark(store, AGENT, id, true), RFD_OK);
    assert_int_equal(told(store), 0);
}

static void a_virus(void **state)
{
    struct store *store = domain_store_of(state);
    evidence_world_requests(store);
    int64_t id = evidence_world_put(store, 1, "identity-front", 'a', true);
    int64_t before =
        evidence_world_put(store, 3, "identity-front", 'a', false); /* the same, when there was no scanner */
    assert_int_equal(mark(store, OTHER_AGENT, before, true), RFD_OK);
    scanned(store, id, true);
    scanned(store, id, true); /* the worker died before it knew */
    assert_int_equal(see(store, AGENT, id), RFD_E_STATE);
    assert_int_equal(see(store, OTHER_AGENT, before), RFD_E_STATE);
    assert_false(list(store, 3, false, false).items[0].legible);
    assert_string_equal(list(store, 3, false, false).scans[0], "infected");
    assert_int_equal(told(store), 2);
    scanned(store, id, false); /* never clean again */
    assert_int_equal(see(store, AGENT, id), RFD_E_STATE);
    int64_t again = evidence_world_put(store, 1, "identity-front", 'a', false);
    assert_int_equal(see(store, AGENT, again), RFD_E_STATE);
    assert_int_equal(told(store), 3);
    assert_int_equal(
        domain_store_number(store, "SELECT count(*) FROM audit_waiting WHERE action = 'registration.scan'"), 3);
}

static void a_virus_of_an_agency(void **state)
{
    struct store *store = domain_store_of(state);
    evidence_world_requests(store);
    scanned(store, evidence_world_put(store, 2, "photograph", 'a', true), true);
    assert_int_equal(told(store), 0);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM outbox WHERE recipient = 'Berta@example.pe'"), 1);
}

static void so_many_and_no_more(void **state)
{
    struct store *store = domain_store_of(state);
    evidence_world_requests(store);
    (void)evidence_world_put(store, 1, "identity-front", 'a', false);
    char sql[900];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO evidence(request, kind, blob, name, type, size, added, adder, replaced, scan, legible, "
                   "complete, current) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
                   "SELECT 1, 'x', (SELECT id FROM blob), '', '', 0, 0, '', FALSE, 'none', FALSE, FALSE, FALSE FROM n",
                   EVIDENCE_MAXIMUM - 1);
    (void)domain_store_run(store, sql);
    struct evidence_putting p = evidence_world_file(1, "identity-front", 'b', false);
    assert_int_equal(store_write(store, evidence_world_put_work, &p, NULL), RFD_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_files),
        cmocka_unit_test(cut_files),
        cmocka_unit_test(disguised_files),
        cmocka_unit_test(two_things_at_once),
        cmocka_unit_test(large_files),
        cmocka_unit_test(encrypted_files),
        cmocka_unit_test(what_a_kind_demands),
        IN_BOTH_WORLDS(files_replace_each_other),
        IN_BOTH_WORLDS(names_are_for_people),
        IN_BOTH_WORLDS(who_may_see),
        IN_BOTH_WORLDS(who_may_mark),
        IN_BOTH_WORLDS(nothing_found),
        IN_BOTH_WORLDS(a_virus),
        IN_BOTH_WORLDS(a_virus_of_an_agency),
        IN_BOTH_WORLDS(so_many_and_no_more),
    };
    return cmocka_run_group_tests_name("domain_evidence", tests, NULL, NULL);
}
