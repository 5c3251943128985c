/* SPDX-License-Identifier: EUPL-1.2
 *
 * Visible signatures from options to the bytes of the widget: where they go on pages of every kind, what they leave
 * alone, what earlier signatures think of them.
 */
#include "sign_support.h"

#include "base/error.h"
#include "pdf/page_geometry.h"
#include <refrenda/verify.h>

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

enum { BYTES_MAXIMUM = 1 << 24, OBJECTS_MAXIMUM = 32, TEXT_SIZE = 1024 };
static const double mm = 72 / 25.4;
static const char content[] = "<</Length 60>>stream\n"
                              "BT /F 12 Tf 60 780 Td (Visto el expediente, {{firma:1}}) Tj ET\nendstream";
static const char font[] = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";

/** A page with `attributes`; objects 4 and 5 are its content and font, `more` follow. */
static void make_document(struct buf *out, const char *catalog, const char *attributes, const char *const *more,
                          size_t count)
{
    char first[TEXT_SIZE], third[TEXT_SIZE];
    const char *objects[OBJECTS_MAXIMUM] = {first, "<</Type/Pages/Kids[3 0 R]/Count 1>>", third, content, font};
    (void)snprintf(first, sizeof first, "<</Type/Catalog/Pages 2 0 R%s>>", catalog);
    (void)snprintf(third, sizeof third, "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>%s>>",
                   attributes);
    for (size_t i = 0; i < count; i++) objects[5 + i] = more[i];
    buf_init(out, BYTES_MAXIMUM);
    support_make_pdf(out, objects, 5 + count, "/Root 1 0 R");
}

static const char a4[] = "/MediaBox[0 0 595.276 841.89]";

/* ---- what all tests sign with ---- */

static struct rfd_stamp *stamp;

static int set_up(void **state)
{
    struct rfd_stamp_options options = RFD_STAMP_OPTIONS_INIT;
    if (world_set_up(state) != 0) return -1;
    options.post = "Alcaldesa";
    options.qr = "https://verifica.example/{number}";
    options.number = "2026-0001";
    options.time_zone = -300;
    options.width = 70;
    return rfd_stamp_new(&options, &stamp, NULL) == RFD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    rfd_stamp_free(stamp);
    return world_tear_down(state);
}

static struct rfd_sign_options visible(const struct rfd_place *place)
{
    struct rfd_sign_options options = world_options();
    options.stamp = stamp;
    options.place = place;
    return options;
}

/* ---- reading what was written ---- */

struct seen {
    struct pdf_box box; /* as seen, millimetres */
    size_t page;
    const struct pdf_value *widget, *form;
};

static const struct pdf_field *field_of(struct signed_document *d, const char *name)
{
    for (size_t i = 0; i < d->run.place.field_count; i++) {
        if (slice_is(d->run.place.fields[i].name, name)) return &d->run.place.fields[i];
    }
    fail_msg("no field %s", name);
    return NULL;
}

static bool lists(struct pdf_view *view, const struct pdf_page *page, uint32_t number)
{
    const struct pdf_value *annotations = pdf_get(view, page->dictionary, "Annots");
    for (uint32_t i = 0; annotations->kind == PDF_ARRAY && i < annotations->count; i++) {
        if (annotations->items[i].kind == PDF_REFERENCE && annotations->items[i].reference.number == number)
            return true;
    }
    return false;
}

static struct seen look_at(struct signed_document *d, const char *name)
{
    struct pdf_view *view = &d->run.view;
    const struct pdf_field *field = field_of(d, name);
    struct seen s = {.page = SIZE_MAX};
    struct pdf_page page;
    struct pdf_box user;
    assert_int_equal(field->widget_count, 1);
    assert_int_equal(pdf_object(view->doc, view->revision, field->widgets[0].number, &s.widget, NULL), RFD_OK);
    s.form = pdf_get(view, pdf_get(view, s.widget, "AP"), "N");
    assert_int_equal(s.form->kind, PDF_STREAM);
    assert_int_equal(pdf_get(view, s.widget, "AP")->count, 1);
    for (size_t i = 0; s.page == SIZE_MAX; i++) {
        assert_int_equal(pdf_page(view, i, &page, NULL), RFD_OK);
        if (lists(view, &page, field->widgets[0].number)) s.page = i;
    }
    struct pdf_geometry g = pdf_geometry(view, &page);
    assert_true(pdf_box_read(view, pdf_get(view, s.widget, "Rect"), &user));
    struct pdf_box points = pdf_geometry_box_to_seen(&g, user);
    s.box = (struct pdf_box){points.left / mm, (g.height - points.top) / mm, points.right / mm,
                             (g.height - points.bottom) / mm}; /* y from the upper edge */
    return s;
}

static void assert_box(struct pdf_box box, double x, double y, double width, double height)
{
    double off = fabs(box.left - x) + fabs(box.bottom - y) + fabs(box.right - x - width) + fabs(box.top - y - height);
    if (off > 0.02) print_error("%g %g %g %g\n", box.left, box.bottom, box.right - box.left, box.top - box.bottom);
    assert_true(off <= 0.02);
}

static bool overlap(struct pdf_box a, struct pdf_box b)
{
    return a.left < b.right && b.left < a.right && a.bottom < b.top && b.bottom < a.top;
}

/** Every signature's later changes must be none or allowed, whatever its certificate is worth. */
static void assert_allowed(const struct buf *bytes, size_t count)
{
    struct rfd_verification *v = NULL;
    struct rfd_verify_options options = RFD_VERIFY_OPTIONS_INIT;
    options.offline = true;
    options.trust = world.trust;
    assert_int_equal(rfd_verify_memory(buf_slice(bytes), &options, &v, NULL), RFD_OK);
    assert_int_equal(rfd_verification_count(v), count);
    for (size_t i = 0; i < count; i++) {
        const struct rfd_signature_report *s = rfd_verification_signature(v, i);
        assert_true(s->changes_allowed);
        assert_true(s->changes <= RFD_CHANGE_FORM);
        assert_int_equal(s->indication, RFD_TOTAL_PASSED);
    }
    rfd_verification_free(v);
}

static rfd_status sign_status(const struct buf *input, const struct rfd_sign_options *options)
{
    struct buf out;
    rfd_status status = sign_bytes(input, options, &out, NULL);
    buf_dispose(&out);
    return status;
}

/* ---- tests ---- */

static void a_widget_has_what_viewers_and_pdfa_need(void **state)
{
    (void)state;
    struct buf input, out;
    struct signed_document d;
    struct rfd_place place = RFD_PLACE_INIT;
    place.kind = RFD_PLACE_POSITION;
    place.x = 20;
    place.y = 40;
    struct rfd_sign_options options = visible(&place);
    make_document(&input, "", a4, NULL, 0);
    sign_good(&input, &options, &out);
    signed_open(buf_slice(&out), NULL, &d);
    (void)signed_check(&d, "Signature1", true);
    struct seen s = look_at(&d, "Signature1");
    int64_t flags = 0;
    assert_box(s.box, 20, 40, 70, 25);
    assert_true(pdf_integer(pdf_entry_of(s.widget, "F"), &flags));
    assert_int_equal(flags, 132);
    assert_int_equal(pdf_entry_of(s.widget, "MK")->kind, PDF_NULL);
    assert_int_equal(pdf_entry_of(s.form, "Group")->kind, PDF_NULL);
    assert_int_equal(pdf_entry_of(s.form, "Matrix")->kind, PDF_NULL);
    assert_int_equal(pdf_entry_of(s.widget, "TU")->kind, PDF_STRING);
    assert_int_equal(pdf_entry_of(s.widget, "StructParent")->kind, PDF_NULL);
    signed_close(&d);
    assert_allowed(&out, 1);
    buf_dispose(&input);
    buf_dispose(&out);
}

static void pages_of_every_kind_have_the_stamp_where_it_was_asked_for(void **state)
{
    (void)state;
    static const char *const pages[] = {
        "/MediaBox[0 0 595.276 841.89]",
        "/MediaBox[0 0 841.89 595.276]",
        "/MediaBox[0 0 595.276 841.89]/Rotate 90",
        "/MediaBox[0 0 595.276 841.89]/Rotate 180",
        "/MediaBox[0 0 595.276 841.89]/Rotate 270",
        "/MediaBox[0 0 595.276 841.89]/Rotate -90",
        "/MediaBox[-100 -50 900 1000]/CropBox[13 27 550 700]",
        "/MediaBox[-100 -50 900 1000]/CropBox[13 27 550 700]/Rotate 90",
        "/MediaBox[595.276 841.89 0 0]",
        "/MediaBox[0 0 419.528 595.276]",
        "/MediaBox[0 0 297.638 420.945]/UserUnit 2",
        "/MediaBox[0 0 297.638 420.945]/UserUnit 2/Rotate 270",
    };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct buf input, out;
        struct signed_document d;
        struct rfd_place place = RFD_PLACE_INIT;
        place.kind = RFD_PLACE_POSITION;
        place.x = 11.5;
        place.y = 33;
        struct rfd_sign_options options = visible(&place);
        make_document(&input, "", pages[i], NULL, 0);
        sign_good(&input, &options, &out);
        signed_open(buf_slice(&out), NULL, &d);
        assert_box(look_at(&d, "Signature1").box, 11.5, 33, 70, 25);
        signed_close(&d);
        buf_dispose(&input);
        buf_dispose(&out);
    }
}

static void nine_anchors(void **state)
{
    (void)state;
    for (int anchor = 0; anchor <= RFD_ANCHOR_BOTTOM_RIGHT; anchor++) {
        struct buf input, out;
        struct signed_document d;
        struct rfd_place place = RFD_PLACE_INIT;
        place.kind = RFD_PLACE_ANCHOR;
        place.anchor = (enum rfd_anchor)anchor;
        place.margin = 15;
        struct rfd_sign_options options = visible(&place);
        make_document(&input, "", a4, NULL, 0);
        sign_good(&input, &options, &out);
        signed_open(buf_slice(&out), NULL, &d);
        assert_box(look_at(&d, "Signature1").box, 15 + (210 - 30 - 70) * (anchor % 3) / 2.0,
                   15 + (297 - 30 - 25) * (anchor / 3) / 2.0, 70, 25);
        signed_close(&d);
        buf_dispose(&input);
        buf_dispose(&out);
    }
}

/** One after the other at the same place; none may lie on another, and no signature may mind. */
static void stamp_often(struct rfd_place *place, int certify, size_t count)
{
    struct buf document;
    struct pdf_box boxes[OBJECTS_MAXIMUM];
    struct signed_document d;
    make_document(&document, "", a4, NULL, 0);
    for (size_t i = 0; i < count; i++) {
        struct buf out;
        struct rfd_sign_options options = visible(place);
        options.certify = i == 0 ? certify : 0;
        sign_good(&document, &options, &out);
        buf_dispose(&document);
        document = out;
    }
    assert_allowed(&document, count);
    signed_open(buf_slice(&document), NULL, &d);
    for (size_t i = 0; i < count; i++) {
        char name[TEXT_SIZE];
        (void)snprintf(name, sizeof name, "Signature%zu", i + 1);
        boxes[i] = look_at(&d, name).box;
        assert_true(boxes[i].left >= 9.9 && boxes[i].right <= 200.1 && boxes[i].bottom >= 9.9 && boxes[i].top <= 287.1);
        for (size_t k = 0; k < i; k++) assert_false(overlap(boxes[i], boxes[k]));
    }
    signed_close(&d);
    buf_dispose(&document);
}

static void free_places_never_overlap(void **state)
{
    (void)state;
    struct rfd_place place = RFD_PLACE_INIT;
    stamp_often(&place, 0, 7);
}

static void anchors_make_room(void **state)
{
    (void)state;
    struct rfd_place place = RFD_PLACE_INIT;
    place.kind = RFD_PLACE_ANCHOR;
    place.anchor = RFD_ANCHOR_BOTTOM_RIGHT;
    stamp_often(&place, 0, 4);
}

static void certified_documents_take_stamps(void **state)
{
    (void)state;
    struct rfd_place place = RFD_PLACE_INIT;
    stamp_often(&place, 2, 3);
}

static void places_that_cannot_be(void **state)
{
    (void)state;
    struct buf input, once;
    struct rfd_place place = RFD_PLACE_INIT;
    make_document(&input, "", a4, NULL, 0);
    place.kind = RFD_PLACE_POSITION;
    place.x = 100;
    place.y = 100;
    struct rfd_sign_options options = visible(&place);
    sign_good(&input, &options, &once);
    assert_int_equal(sign_status(&once, &options), RFD_E_STAMP_OVERLAP);
    place.x = 139;
    place.y = 124;
    assert_int_equal(sign_status(&once, &options), RFD_E_STAMP_OVERLAP);
    place.x = 29;
    assert_int_equal(sign_status(&once, &options), RFD_OK);
    place.x = 141;
    assert_int_equal(sign_status(&input, &options), RFD_E_STAMP_OUTSIDE);
    place.x = -1;
    assert_int_equal(sign_status(&input, &options), RFD_E_STAMP_OUTSIDE);
    place.x = NAN;
    assert_int_equal(sign_status(&input, &options), RFD_E_ARGUMENT);
    place = (struct rfd_place)RFD_PLACE_INIT;
    place.page = 2;
    assert_int_equal(sign_status(&input, &options), RFD_E_ARGUMENT);
    place.page = -2;
    assert_int_equal(sign_status(&input, &options), RFD_E_ARGUMENT);
    place = (struct rfd_place)RFD_PLACE_INIT;
    place.all_pages = true;
    assert_int_equal(sign_status(&once, &options), RFD_E_STAMP_PAGES);
    place = (struct rfd_place)RFD_PLACE_INIT;
    place.kind = RFD_PLACE_MARKER;
    assert_int_equal(sign_status(&input, &options), RFD_E_ARGUMENT);
    place.marker = "{{firma:2}}";
    assert_int_equal(sign_status(&input, &options), RFD_E_MARKER_MISSING);
    place.size = 1;
    assert_int_equal(sign_status(&input, &options), RFD_E_ARGUMENT);
    buf_dispose(&input);
    buf_dispose(&once);
}

static void pages_fill_up(void **state)
{
    (void)state;
    struct buf document;
    make_document(&document, "", "/MediaBox[0 0 300 220]", NULL, 0); /* 105 x 77 mm: two stamps above each other */
    struct rfd_sign_options options = visible(NULL);
    for (int i = 0; i < 2; i++) {
        struct buf out;
        sign_good(&document, &options, &out);
        buf_dispose(&document);
        document = out;
    }
    assert_int_equal(sign_status(&document, &options), RFD_E_STAMP_NO_ROOM);
    buf_dispose(&document);
}

static void markers_are_covered(void **state)
{
    (void)state;
    struct buf input, out;
    struct signed_document d;
    struct rfd_place place = RFD_PLACE_INIT;
    place.kind = RFD_PLACE_MARKER;
    place.marker = "{{firma:1}}";
    struct rfd_sign_options options = visible(&place);
    make_document(&input, "", a4, NULL, 0);
    sign_good(&input, &options, &out);
    signed_open(buf_slice(&out), NULL, &d);
    struct pdf_box box = look_at(&d, "Signature1").box;
    /* "Visto el expediente, " in Helvetica 12 is 107.4 points long. */
    assert_true(fabs(box.left - (60 + 107.4) / mm) < 0.5);
    assert_true(box.bottom < (841.89 - 780) / mm && box.top > (841.89 - 780) / mm);
    signed_close(&d);
    assert_int_equal(sign_status(&out, &options), RFD_E_STAMP_OVERLAP);
    buf_dispose(&input);
    buf_dispose(&out);
}

static void existing_fields_keep_their_rectangle(void **state)
{
    (void)state;
    static const char *const merged[] = {
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(Ahora)/Rect[100 100 300 160]/P 3 0 R>>",
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(Invisible)/Rect[0 0 0 0]/P 3 0 R/F 132>>",
        "<</FT/Sig/T(Aparte)/Kids[9 0 R]>>",
        "<</Type/Annot/Subtype/Widget/Parent 8 0 R/Rect[300 300 320 304]/F 4>>",
    };
    struct buf input, first, second, third;
    struct signed_document d;
    struct rfd_place place = RFD_PLACE_INIT;
    make_document(&input, "/AcroForm<</Fields[6 0 R 7 0 R 8 0 R]/SigFlags 1>>",
                  "/MediaBox[0 0 595.276 841.89]/Rotate 90/Annots[6 0 R 7 0 R 9 0 R]", merged, 4);
    struct rfd_sign_options options = visible(&place);
    options.field = "Ahora";
    sign_good(&input, &options, &first);
    options.field = "Invisible";
    sign_good(&first, &options, &second);
    options.field = "Aparte";
    sign_good(&second, &options, &third);
    assert_allowed(&third, 3);
    signed_open(buf_slice(&third), NULL, &d);
    struct seen s = look_at(&d, "Ahora");
    assert_box(s.box, 100 / mm, 100 / mm, 60 / mm, 200 / mm);
    assert_int_equal(pdf_entry_of(s.form, "Matrix")->kind, PDF_ARRAY);
    assert_int_equal(pdf_entry_of(field_of(&d, "Invisible")->dictionary, "AP")->kind, PDF_NULL);
    s = look_at(&d, "Aparte");
    int64_t flags = 0;
    assert_true(pdf_integer(pdf_entry_of(s.widget, "F"), &flags));
    assert_int_equal(flags, 132);
    signed_close(&d);
    buf_dispose(&input);
    buf_dispose(&first);
    buf_dispose(&second);
    buf_dispose(&third);
}

static void all_pages_show_it(void **state)
{
    (void)state;
    static const char *const objects[] = {
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R 6 0 R]/Count 4/MediaBox[0 0 595 842]/Resources<</Font<</F 8 0 R>>>>>>",
        "<</Type/Page/Parent 2 0 R/Contents 7 0 R>>",
        "<</Type/Page/Parent 2 0 R/Contents[7 0 R]/Rotate 90/Resources 9 0 R>>",
        "<</Type/Page/Parent 2 0 R/Contents 10 0 R/MediaBox[0 0 100 100]>>",
        "<</Type/Page/Parent 2 0 R>>",
        content,
        font,
        "<</Font<</F 8 0 R>>/XObject<</RfdStamp 7 0 R/RfdStamp41 7 0 R/RfdStamp999999999999 7 0 R>>>>",
        "[7 0 R 7 0 R]",
    };
    struct buf input, out, again;
    struct signed_document d;
    struct rfd_place place = RFD_PLACE_INIT;
    place.all_pages = true;
    place.page = 1;
    struct rfd_sign_options options = visible(&place);
    buf_init(&input, BYTES_MAXIMUM);
    support_make_pdf(&input, objects, sizeof objects / sizeof *objects, "/Root 1 0 R");
    sign_good(&input, &options, &out);
    signed_open(buf_slice(&out), NULL, &d);
    (void)signed_check(&d, "Signature1", true);
    assert_int_equal(look_at(&d, "Signature1").page, 0);
    static const uint32_t streams[] = {0, 3, 4, 2};
    for (size_t i = 1; i < 4; i++) {
        struct pdf_page page;
        assert_int_equal(pdf_page(&d.run.view, i, &page, NULL), RFD_OK);
        assert_int_equal(pdf_get(&d.run.view, page.dictionary, "Contents")->count, streams[i]);
        const struct pdf_value *drawn = pdf_get(&d.run.view, page.resources, "XObject");
        assert_int_equal(drawn->count, i == 1 ? 4 : 1);
        assert_true(pdf_entry_of(drawn, i == 1 ? "RfdStamp42" : "RfdStamp")->kind == PDF_REFERENCE);
        assert_true(i == 3 || pdf_get(&d.run.view, page.resources, "Font")->count == 1);
    }
    signed_close(&d);
    place.all_pages = false;
    sign_good(&out, &options, &again);
    assert_allowed(&again, 2);
    buf_dispose(&input);
    buf_dispose(&out);
    buf_dispose(&again);
}

/** Branches that share what is below them: 40^6 ways down a short file. */
static void endless_parent_trees_are_left_alone(void **state)
{
    (void)state;
    enum { LEVELS = 6, BRANCHES = 40, FIRST = 7, OBJECTS = FIRST + LEVELS };
    char nodes[LEVELS][BRANCHES * 8];
    const char *objects[OBJECTS] = {
        "<</Type/Catalog/Pages 2 0 R/MarkInfo<</Marked true>>/StructTreeRoot 6 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        content,
        font,
        "<</Type/StructTreeRoot/K[]/ParentTree 7 0 R>>",
    };
    for (int level = 0; level < LEVELS; level++) {
        size_t length = (size_t)snprintf(nodes[level], sizeof nodes[level], "<</Kids[");
        for (int i = 0; i < BRANCHES; i++)
            length +=
                (size_t)snprintf(nodes[level] + length, sizeof nodes[level] - length, "%d 0 R ", FIRST + level + 1);
        (void)snprintf(nodes[level] + length, sizeof nodes[level] - length, "]>>");
        objects[FIRST - 1 + level] = nodes[level];
    }
    objects[OBJECTS - 1] = "<</Nums[0 null]>>";
    struct buf input, out;
    struct rfd_place place = RFD_PLACE_INIT;
    struct rfd_sign_options options = visible(&place);
    buf_init(&input, BYTES_MAXIMUM);
    support_make_pdf(&input, objects, OBJECTS, "/Root 1 0 R");
    sign_good(&input, &options, &out);
    assert_null(memmem(out.data, out.length, "/StructParent ", 14));
    buf_dispose(&input);
    buf_dispose(&out);
}

static void tagged_documents_get_an_element(void **state)
{
    (void)state;
    static const char *const flat[] = {
        "<</Type/StructTreeRoot/K 7 0 R/ParentTree 8 0 R/ParentTreeNextKey 1>>",
        "<</Type/StructElem/S/Document/P 6 0 R/K 9 0 R>>",
        "<</Nums[0[9 0 R]]>>",
        "<</Type/StructElem/S/P/P 7 0 R/Pg 3 0 R/K 0>>",
    };
    static const char *const branched[] = {
        "<</Type/StructTreeRoot/K[7 0 R 9 0 R]/ParentTree 8 0 R>>",
        "<</Type/StructElem/S/P/P 6 0 R>>",
        "<</Kids[10 0 R]>>",
        "<</Type/StructElem/S/P/P 6 0 R/Pg 3 0 R/K 0>>",
        "<</Limits[0 4]/Nums[0[9 0 R]4 9 0 R]>>",
    };
    static const struct {
        const char *const *objects;
        size_t count;
        int64_t key;
    } cases[] = {{flat, 4, 1}, {branched, 5, 5}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf input, once, twice;
        struct signed_document d;
        int64_t key = -1;
        struct rfd_sign_options options = visible(NULL);
        make_document(&input, "/MarkInfo<</Marked true>>/StructTreeRoot 6 0 R",
                      "/MediaBox[0 0 595.276 841.89]/StructParents 0", cases[i].objects, cases[i].count);
        sign_good(&input, &options, &once);
        sign_good(&once, &options, &twice);
        assert_allowed(&twice, 2);
        signed_open(buf_slice(&twice), NULL, &d);
        struct seen s = look_at(&d, "Signature1");
        assert_true(pdf_integer(pdf_entry_of(s.widget, "StructParent"), &key));
        assert_int_equal(key, cases[i].key);
        s = look_at(&d, "Signature2");
        assert_true(pdf_integer(pdf_entry_of(s.widget, "StructParent"), &key));
        assert_int_equal(key, cases[i].key + 1);
        signed_close(&d);
        buf_dispose(&input);
        buf_dispose(&once);
        buf_dispose(&twice);
    }
}

static void invisible_ones_are_as_they_were(void **state)
{
    (void)state;
    struct buf input, plain, placed;
    struct rfd_place place = RFD_PLACE_INIT;
    make_document(&input, "", a4, NULL, 0);
    struct rfd_sign_options options = world_options();
    options.time = 0;
    sign_good(&input, &options, &plain);
    options.place = &place; /* of nothing */
    sign_good(&input, &options, &placed);
    assert_int_equal(plain.length, placed.length);
    assert_non_null(memmem(plain.data, plain.length, "/F 132/Rect[0 0 0 0]/P 3 0 R/V 6 0 R>>", 38));
    assert_null(memmem(plain.data, plain.length, "/AP", 3));
    buf_dispose(&input);
    buf_dispose(&plain);
    buf_dispose(&placed);
}

static void the_same_stamp_gives_the_same_bytes(void **state)
{
    (void)state;
    struct buf input;
    rfd_bytes first = {0}, second = {0};
    int page = 0;
    make_document(&input, "", a4, NULL, 0);
    struct rfd_sign_options options = visible(NULL);
    options.time = 0;
    options.key = NULL;
    slice signer = world.signer.certificate->der;
    assert_int_equal(rfd_preview_memory(buf_slice(&input), signer, &options, &first, &page, NULL), RFD_OK);
    assert_int_equal(rfd_preview_memory(buf_slice(&input), signer, &options, &second, &page, NULL), RFD_OK);
    assert_int_equal(page, 1);
    assert_int_equal(first.length, second.length);
    assert_null(memmem(first.data, first.length, "/ByteRange", 10));
    /* But for the trailer's /ID. */
    const uint8_t *trailer = memmem(first.data + input.length, first.length - input.length, "trailer", 7);
    assert_non_null(trailer);
    assert_memory_equal(first.data, second.data, (size_t)(trailer - first.data));
    options.stamp = NULL;
    rfd_bytes_free(&second);
    assert_int_equal(rfd_preview_memory(buf_slice(&input), signer, &options, &second, &page, NULL), RFD_E_ARGUMENT);
    rfd_bytes_free(&first);
    buf_dispose(&input);
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    struct rfd_stamp *none = NULL;
    struct rfd_stamp_options o = RFD_STAMP_OPTIONS_INIT;
    o.text = "{nombre}";
    assert_int_equal(rfd_stamp_new(&o, &none, NULL), RFD_E_STAMP_TEMPLATE);
    o.text = NULL;
    o.qr = "{x}";
    assert_int_equal(rfd_stamp_new(&o, &none, NULL), RFD_E_STAMP_TEMPLATE);
    o.qr = NULL;
    o.style = RFD_STAMP_IMAGE;
    assert_int_equal(rfd_stamp_new(&o, &none, NULL), RFD_E_ARGUMENT);
    o.image = SLICE("GIF89a");
    assert_int_equal(rfd_stamp_new(&o, &none, NULL), RFD_E_IMAGE);
    o.style = RFD_STAMP_TEXT;
    o.width = NAN;
    assert_int_equal(rfd_stamp_new(&o, &none, NULL), RFD_E_ARGUMENT);
    o.width = 1e9;
    assert_int_equal(rfd_stamp_new(&o, &none, NULL), RFD_E_ARGUMENT);
    o.width = 0;
    o.time_zone = 100000;
    assert_int_equal(rfd_stamp_new(&o, &none, NULL), RFD_E_ARGUMENT);
    o.time_zone = 0;
    o.post = "\xff";
    assert_int_equal(rfd_stamp_new(&o, &none, NULL), RFD_E_ARGUMENT);
    o.size = 3;
    assert_int_equal(rfd_stamp_new(&o, &none, NULL), RFD_E_ARGUMENT);
    assert_int_equal(rfd_stamp_new(NULL, &none, NULL), RFD_E_ARGUMENT);
    assert_null(none);
    rfd_stamp_free(NULL);
}

static void two_steps_carry_the_stamp(void **state)
{
    (void)state;
    struct buf input, prepared;
    struct signed_document d;
    rfd_bytes session = {0};
    char path[TEXT_SIZE], output[TEXT_SIZE];
    make_document(&input, "", a4, NULL, 0);
    (void)snprintf(path, sizeof path, "%s", folder_write("stamped-in.pdf", buf_slice(&input)));
    (void)snprintf(output, sizeof output, "%s", folder_file("stamped-prepared.pdf"));
    struct rfd_sign_options options = visible(NULL);
    options.key = NULL;
    assert_int_equal(rfd_prepare_file(path, output, world.signer.certificate->der, &options, &session, NULL), RFD_OK);
    assert_true(file_read(output, &prepared));
    signed_open(buf_slice(&prepared), NULL, &d);
    assert_box(look_at(&d, "Signature1").box, 10, 297 - 35, 70, 25);
    signed_close(&d);
    rfd_bytes_free(&session);
    buf_dispose(&prepared);
    buf_dispose(&input);
}

static void later_levels_add_no_second_stamp(void **state)
{
    (void)state;
    struct buf input, out;
    struct signed_document d;
    make_document(&input, "", a4, NULL, 0);
    struct rfd_sign_options options = world_options_at(RFD_LEVEL_B_LTA);
    options.stamp = stamp;
    sign_good(&input, &options, &out);
    assert_allowed(&out, 2);
    signed_open(buf_slice(&out), NULL, &d);
    (void)look_at(&d, "Signature1");
    assert_int_equal(pdf_entry_of(field_of(&d, "Timestamp1")->dictionary, "AP")->kind, PDF_NULL);
    signed_close(&d);
    buf_dispose(&input);
    buf_dispose(&out);
}

struct worker {
    pthread_t thread;
    const struct buf *input;
    rfd_time time;
    rfd_status status;
};

static void *sign_some(void *context)
{
    enum { TIMES = 8 };
    struct worker *w = context;
    struct rfd_sign_options options = visible(NULL);
    for (int i = 0; i < TIMES && w->status == RFD_OK; i++) {
        rfd_bytes update = {0};
        options.time = w->time + i * RFD_SECOND; /* other digits: other sizes to remember, other glyphs */
        w->status = rfd_sign_memory(buf_slice(w->input), &options, &update, NULL, NULL);
        rfd_bytes_free(&update);
    }
    return NULL;
}

static void threads_share_a_stamp(void **state)
{
    (void)state;
    enum { WORKERS = 4 };
    struct worker workers[WORKERS];
    struct buf input;
    make_document(&input, "", a4, NULL, 0);
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker){.input = &input, .time = i * 1000 * RFD_SECOND};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, sign_some, &workers[i]), 0);
    }
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_int_equal(workers[i].status, RFD_OK);
    }
    buf_dispose(&input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_widget_has_what_viewers_and_pdfa_need),
        cmocka_unit_test(pages_of_every_kind_have_the_stamp_where_it_was_asked_for),
        cmocka_unit_test(nine_anchors),
        cmocka_unit_test(free_places_never_overlap),
        cmocka_unit_test(anchors_make_room),
        cmocka_unit_test(certified_documents_take_stamps),
        cmocka_unit_test(places_that_cannot_be),
        cmocka_unit_test(pages_fill_up),
        cmocka_unit_test(markers_are_covered),
        cmocka_unit_test(existing_fields_keep_their_rectangle),
        cmocka_unit_test(all_pages_show_it),
        cmocka_unit_test(endless_parent_trees_are_left_alone),
        cmocka_unit_test(tagged_documents_get_an_element),
        cmocka_unit_test(invisible_ones_are_as_they_were),
        cmocka_unit_test(the_same_stamp_gives_the_same_bytes),
        cmocka_unit_test(bad_options_are_refused),
        cmocka_unit_test(two_steps_carry_the_stamp),
        cmocka_unit_test(later_levels_add_no_second_stamp),
        cmocka_unit_test(threads_share_a_stamp),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
