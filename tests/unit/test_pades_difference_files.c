/* SPDX-License-Identifier: EUPL-1.2
 *
 * What changes a signature permits, and what updates in files of third parties are taken for.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "compare_support.h"

/* ---- permission ---- */

static void test_permitted(void **state)
{
    (void)state;
    static const slice locked[] = {{(const uint8_t *)"name", 4}};
    static const struct pdf_field_lock lock = {.action = PDF_LOCK_INCLUDE, .fields = locked, .count = 1};
    static const struct {
        int permission;
        bool lock;
        struct change change;
        bool permitted;
        enum rfd_finding_code code;
    } all[] = {
        {1, false, {.level = RFD_CHANGE_LTA, .code = CODE(DSS)}, true, CODE(DSS)},
        {1, false, {.level = RFD_CHANGE_FORM, .code = CODE(FORM)}, false, CODE(NOT_PERMITTED)},
        {2, false, {.level = RFD_CHANGE_FORM, .code = CODE(FORM)}, true, CODE(FORM)},
        {0, false, {.level = RFD_CHANGE_FORM, .code = CODE(FORM)}, true, CODE(FORM)},
        {0, false, {.level = RFD_CHANGE_ANNOTATION, .code = CODE(ANNOTATION)}, false, CODE(NOT_PERMITTED)},
        {2, false, {.level = RFD_CHANGE_ANNOTATION, .code = CODE(ANNOTATION)}, false, CODE(NOT_PERMITTED)},
        {3, false, {.level = RFD_CHANGE_ANNOTATION, .code = CODE(ANNOTATION)}, true, CODE(ANNOTATION)},
        {3, false, {.level = RFD_CHANGE_OTHER, .code = CODE(PAGES)}, false, CODE(PAGES)},
        {2,
         true,
         {.level = RFD_CHANGE_FORM, .code = CODE(FORM), .field = {(const uint8_t *)"name", 4}},
         false,
         CODE(LOCKED_FIELD)},
        {2,
         true,
         {.level = RFD_CHANGE_FORM, .code = CODE(FORM), .field = {(const uint8_t *)"name2", 5}},
         true,
         CODE(FORM)},
        {2,
         true,
         {.level = RFD_CHANGE_FORM, .code = CODE(SIGNATURE), .field = {(const uint8_t *)"name", 4}},
         false,
         CODE(LOCKED_FIELD)},
        {2,
         true,
         {.level = RFD_CHANGE_FORM, .code = CODE(SIGNATURE), .field = {(const uint8_t *)"name", 4}, .new_field = true},
         true,
         CODE(SIGNATURE)},
        {2,
         true,
         {.level = RFD_CHANGE_LTA, .code = CODE(DOCUMENT_TIMESTAMP), .field = {(const uint8_t *)"name", 4}},
         true,
         CODE(DOCUMENT_TIMESTAMP)},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct difference_policy policy = {all[i].permission, all[i].lock ? &lock : NULL};
        enum rfd_finding_code code = ANY;
        if (difference_permitted(&policy, &all[i].change, &code) != all[i].permitted || code != all[i].code)
            fail_msg("row %zu: %s", i, rfd_finding_name(code));
    }
}

/* ---- third-party files ---- */

static const struct {
    const char *path;
    size_t revision; /* 0: the last one */
    enum rfd_change_level level;
    const char *family; /* of one of the changes, or NULL */
} corpus[] = {
    {"pdf/extensions-direct.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/extensions-indirect.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/extensions-indirect-not-all-paths.pdf", 0, RFD_CHANGE_OTHER, "ISA"},
    {"pdf/extensions-update-direct.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/extensions-update-indirect.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/form-update-ap-indirect-sneaky-trailer.pdf", 0, RFD_CHANGE_OTHER, "SHADOW"},
    {"pdf/form-update-no-override-appearance-stream-ap-indirect-sneaky.pdf", 0, RFD_CHANGE_OTHER, "SHADOW"},
    {"pdf/form-update-no-override-appearance-stream-ap-indirect.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/form-update-original-ap-type-wrong.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/form-update-override-appearance-stream-ap-indirect-sneaky.pdf", 0, RFD_CHANGE_OTHER, NULL},
    {"pdf/form-update-override-appearance-stream-ap-indirect.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/form-update-override-appearance-stream-sneaky.pdf", 0, RFD_CHANGE_OTHER, NULL},
    {"pdf/form-update-override-appearance-stream.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/minimal-signed-twice-both-created.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/minimal-signed-twice-no-sig-type.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/minimal-signed-twice-second-created.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/minimal-two-fields-signed-twice.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/separate-annots-kids-indir.pdf", 0, RFD_CHANGE_FORM, NULL},
    {"pdf/pades-lta-dss-indirect-arrs-test.pdf", 3, RFD_CHANGE_LTA, NULL},
    {"pdf/pades-lta-dss-indirect-arrs-test-2.pdf", 3, RFD_CHANGE_LTA, NULL},
    {"pdf/pades-lta-dss-indirect-arrs-test-2.pdf", 5, RFD_CHANGE_FORM, NULL},
    {"pdf/pades-lta-dss-indirect-arrs-test-2.pdf", 6, RFD_CHANGE_LTA, NULL},
    {"attacks/shadow-replace/4_original-document-shadowed-signed-manipulated.pdf", 0, RFD_CHANGE_OTHER, "SHADOW"},
    {"attacks/shadow-hide/4_original-document-shadowed-signed-manipulated_v1.pdf", 0, RFD_CHANGE_OTHER, "SHADOW"},
    {"attacks/shadow-hide/4_original-document-shadowed-signed-manipulated_v2.pdf", 0, RFD_CHANGE_OTHER, "SHADOW"},
    {"attacks/shadow-hide-and-replace/4_original-document-shadowed-signed-manipulated.pdf", 0, RFD_CHANGE_OTHER,
     "SHADOW"},
};

static bool has_family(const struct difference *d, const char *family)
{
    for (size_t i = 0; family != NULL && i < d->count; i++) {
        if (d->changes[i].level == RFD_CHANGE_OTHER && strcmp(rfd_finding_family(d->changes[i].code), family) == 0)
            return true;
    }
    return family == NULL;
}

static void test_corpus(void **state)
{
    (void)state;
    bool good = true;
    if (support_corpora() == NULL) skip();
    for (size_t i = 0; i < sizeof corpus / sizeof *corpus; i++) {
        struct support_document d;
        struct difference_context *c;
        const struct difference *found;
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/%s", support_corpora(), corpus[i].path);
        support_init(&d);
        support_read(path, &d.bytes);
        if (support_open(&d, "", false) != RFD_OK) fail_msg("%s: %s", path, d.error.detail);
        found = compare_last(&d, &c);
        if (corpus[i].revision > 0) assert_int_equal(difference_between(c, corpus[i].revision, &found, NULL), RFD_OK);
        if (found->level != corpus[i].level || !has_family(found, corpus[i].family)) {
            compare_explain(corpus[i].path, found);
            good = false;
        }
        difference_close(c);
        support_close(&d);
    }
    assert_true(good);
}

/** Whatever the file, every pair of its revisions gets an answer. */
static void walk_file(const char *path, void *context)
{
    struct support_document d;
    struct difference_context *c;
    (void)context;
    support_init(&d);
    support_read(path, &d.bytes);
    if (support_open(&d, "", false) == RFD_OK) {
        assert_int_equal(difference_open(d.doc, &c, NULL), RFD_OK);
        for (size_t r = pdf_revision_count(d.doc) - 1; r > 0; r--) {
            const struct difference *found;
            assert_int_equal(difference_between(c, r, &found, &d.error), RFD_OK);
        }
        difference_close(c);
    }
    support_close(&d);
}

static void test_all_files(void **state)
{
    (void)state;
    if (support_each_pdf("", walk_file, NULL) == 0) skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_permitted),
        cmocka_unit_test(test_corpus),
        cmocka_unit_test(test_all_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
