/* SPDX-License-Identifier: EUPL-1.2
 *
 * Pages. A page has up to three content streams (ISO 32000-2 §7.7.3.3): its own; header and footer, which are the same
 * stream on each page; and its number, written when the number of pages is known. The page tree has two levels
 * (§7.7.3.2), one when a node holds all.
 */
#include "print/printed_internal.h"

#include "base/memory.h"

enum { NODE_KIDS = 32, FIRST_LABELS = 16, LINES_MAXIMUM = 2, NODES_MAXIMUM = 1 << 20 };
#define TEXT_SIZE     7.5
#define TEXT_LEADING  10.0
#define TEXT_GAP      5.0 /* between text and line */
#define LINE          0.5
#define FOOTER_DROP   6.0 /* of the footer's line below the margin */
#define LABEL_GAP     12.0
#define WIDEST_NUMBER SLICE("0000")

/* ---- What is on each page ---- */

static void fail_memory(struct flow *f)
{
    struct rfd_error error;
    (void)error_memory(&error);
    flow_failed(f, &error);
}

static bool layout_line(struct flow *f, slice text, enum alignment alignment, double width, struct paragraph *out)
{
    const struct span span = {text, FONT_REGULAR, PRINTED_MUTED};
    const struct paragraph_style style = {TEXT_SIZE, TEXT_LEADING, alignment};
    return flow_layout(f, &span, 1, &style, width, out);
}

static size_t shown(const struct paragraph *p)
{
    return p->count < LINES_MAXIMUM ? p->count : LINES_MAXIMUM;
}

static void put_rule(const struct printed *p, struct canvas *c, double y)
{
    canvas_line(c, p->left, y, p->left + p->content_width, y, LINE, PRINTED_HAIRLINE);
}

/** On its line in the upper margin. */
static void draw_header(struct flow *f, struct canvas *c)
{
    struct paragraph text;
    const struct printed *p = f->printed;
    double line = p->height - p->margin;
    if (p->header.length == 0 || !layout_line(f, p->header, ALIGN_LEFT, p->content_width, &text)) return;
    paragraph_draw(&text, c, p->left, line + TEXT_GAP + (double)shown(&text) * TEXT_LEADING, 0, shown(&text));
    put_rule(p, c, line);
}

static double footer_line(const struct printed *p)
{
    return p->margin - FOOTER_DROP;
}

/** The label with %1 and %2 replaced. */
static void put_label(struct buf *b, slice label, slice number, slice count)
{
    for (size_t i = 0; i < label.length; i++) {
        uint8_t next = i + 1 < label.length ? label.data[i + 1] : 0;
        if (label.data[i] == '%' && (next == '1' || next == '2')) {
            buf_put_slice(b, next == '1' ? number : count);
            i++;
        } else {
            buf_put_byte(b, label.data[i]);
        }
    }
}

static bool layout_label(struct flow *f, slice number, slice count, struct paragraph *out)
{
    struct buf label;
    struct rfd_error error;
    buf_init(&label, PRINTED_TEXT_MAXIMUM);
    put_label(&label, f->printed->page_label, number, count);
    if (buf_check(&label, "page number", &error) != RFD_OK) flow_failed(f, &error);
    slice text = arena_copy(&f->arena, buf_slice(&label));
    if (text.data == NULL && arena_failed(&f->arena, &error) != RFD_OK) flow_failed(f, &error);
    buf_dispose(&label);
    return flow_ok(f) && layout_line(f, text, ALIGN_RIGHT, f->printed->content_width, out);
}

/** Below its line in the lower margin, left of the page's number. */
static void draw_footer(struct flow *f, struct canvas *c)
{
    struct paragraph label = {0};
    struct paragraph text;
    const struct printed *p = f->printed;
    if (p->footer.length == 0 && p->page_label.length == 0) return;
    put_rule(p, c, footer_line(p));
    if (p->page_label.length > 0 && !layout_label(f, WIDEST_NUMBER, WIDEST_NUMBER, &label)) return;
    double width = p->content_width - (label.count > 0 ? label.width + LABEL_GAP : 0);
    if (width < p->content_width / 2) width = p->content_width / 2;
    if (p->footer.length == 0 || !layout_line(f, p->footer, ALIGN_LEFT, width, &text)) return;
    paragraph_draw(&text, c, p->left, footer_line(p) - TEXT_GAP, 0, shown(&text));
}

/** Writes a canvas that began with canvas_begin_artifact() as a content stream, and disposes of it. */
static void write_artifact(struct flow *f, struct canvas *c, struct pdf_reference to)
{
    struct rfd_error error;
    canvas_end_marked(c);
    if (canvas_check(c, &error) != RFD_OK) flow_failed(f, &error);
    if (to.number != 0) pdf_update_stream(f->update, to, "", buf_slice(&c->content), true);
    canvas_dispose(c);
}

static void begin_artifact(struct flow *f, struct canvas *c)
{
    canvas_init(c, f->fonts, f->profile);
    canvas_begin_artifact(c);
}

static void write_label(struct flow *f, slice number, slice count, struct pdf_reference to)
{
    struct canvas c;
    struct paragraph text;
    const struct printed *p = f->printed;
    struct arena_mark before = arena_mark(&f->arena);
    begin_artifact(f, &c);
    if (layout_label(f, number, count, &text))
        paragraph_draw(&text, &c, p->left, footer_line(p) - TEXT_GAP, 0, text.count > 0 ? 1 : 0);
    write_artifact(f, &c, to);
    arena_release(&f->arena, before);
}

void page_begin(struct flow *f)
{
    struct canvas c;
    const struct printed *p = f->printed;
    buf_init(&f->pages.nodes, NODES_MAXIMUM);
    buf_init(&f->pages.kids, NODES_MAXIMUM);
    if (p->header.length == 0 && p->footer.length == 0 && p->page_label.length == 0) return;
    struct arena_mark before = arena_mark(&f->arena);
    f->pages.furniture = pdf_update_new(f->update);
    begin_artifact(f, &c);
    draw_header(f, &c);
    draw_footer(f, &c);
    write_artifact(f, &c, f->pages.furniture);
    arena_release(&f->arena, before);
    if (p->page_label.length > 0) /* drawn to nowhere, so that the font has all digits */
        write_label(f, SLICE("0123456789"), SLICE("0123456789"), (struct pdf_reference){0});
}

void page_dispose(struct pages *p)
{
    buf_dispose(&p->nodes);
    buf_dispose(&p->kids);
    memory_free(p->labels);
}

/* ---- The page tree ---- */

static void put_reference(struct buf *b, struct pdf_reference r)
{
    pdf_put_reference(b, r);
    buf_put_byte(b, ' ');
}

static void write_node(struct flow *f, struct pdf_reference self, struct pdf_reference parent, const struct buf *kids,
                       size_t count)
{
    struct buf *b = pdf_update_object(f->update, self);
    buf_put_text(b, "<</Type /Pages /Kids [");
    buf_put_slice(b, buf_slice(kids));
    buf_put_text(b, "] /Count ");
    buf_put_unsigned(b, count);
    if (parent.number != 0) {
        buf_put_text(b, " /Parent ");
        pdf_put_reference(b, parent);
    }
    buf_put_text(b, ">>");
    pdf_update_end(f->update);
}

static void close_node(struct flow *f)
{
    struct pages *p = &f->pages;
    if (p->root.number == 0) p->root = pdf_update_new(f->update);
    write_node(f, p->node, p->root, &p->kids, p->kid_count);
    put_reference(&p->nodes, p->node);
    buf_reset(&p->kids);
    p->kid_count = 0;
}

/** The node for one more page. */
static struct pdf_reference node_for(struct flow *f, struct pdf_reference page)
{
    struct pages *p = &f->pages;
    if (p->kid_count == NODE_KIDS) close_node(f);
    if (p->kid_count == 0) p->node = pdf_update_new(f->update);
    put_reference(&p->kids, page);
    p->kid_count++;
    return p->node;
}

/* ---- One page ---- */

static void check_limits(struct flow *f)
{
    struct rfd_error error;
    size_t length = pdf_update_buffer(f->update)->length;
    if (f->pages.count >= PRINTED_PAGES_MAXIMUM)
        (void)error_set(&error, RFD_E_LIMIT, "more than %d pages", PRINTED_PAGES_MAXIMUM);
    else if (length > PRINTED_FILE_MAXIMUM)
        (void)error_set(&error, RFD_E_LIMIT, "a file of more than %d bytes", PRINTED_FILE_MAXIMUM);
    else if (f->pages.page.number >= PRINTED_OBJECTS_MAXIMUM)
        (void)error_set(&error, RFD_E_LIMIT, "more than %d objects (ISO 19005-2 §6.1.13)", PRINTED_OBJECTS_MAXIMUM);
    else if (buf_check(pdf_update_buffer(f->update), "PDF", &error) == RFD_OK)
        return;
    flow_failed(f, &error);
}

void page_open(struct flow *f)
{
    f->pages.page = pdf_update_new(f->update);
    f->pages.content = pdf_update_new(f->update);
    canvas_init(&f->canvas, f->fonts, f->profile);
    (void)structure_begin_page(&f->structure, f->pages.page);
    f->open = true;
    f->fresh = true;
    f->y = f->printed->top;
    f->gap = 0;
    check_limits(f);
}

/** A number for the page's label, which is written last. */
static struct pdf_reference new_label(struct flow *f)
{
    struct pages *p = &f->pages;
    if (!flow_ok(f)) return (struct pdf_reference){0};
    if (p->count == p->label_capacity) {
        size_t capacity = p->label_capacity == 0 ? FIRST_LABELS : 2 * p->label_capacity;
        struct pdf_reference *grown = memory_resize(p->labels, capacity * sizeof *grown);
        if (grown == NULL) {
            fail_memory(f);
            return (struct pdf_reference){0};
        }
        p->labels = grown;
        p->label_capacity = capacity;
    }
    p->labels[p->count] = pdf_update_new(f->update);
    return p->labels[p->count];
}

static void put_contents(struct flow *f, struct buf *b, struct pdf_reference label)
{
    buf_put_text(b, " /Contents [");
    pdf_put_reference(b, f->pages.content);
    if (f->pages.furniture.number != 0) {
        buf_put_byte(b, ' ');
        pdf_put_reference(b, f->pages.furniture);
    }
    if (label.number != 0) {
        buf_put_byte(b, ' ');
        pdf_put_reference(b, label);
    }
    buf_put_byte(b, ']');
}

static void write_page(struct flow *f)
{
    struct pdf_reference parent = node_for(f, f->pages.page);
    if (f->pages.furniture.number != 0) f->canvas.text_used = true; /* by header and footer */
    struct pdf_reference label = f->printed->page_label.length > 0 ? new_label(f) : (struct pdf_reference){0};
    struct buf *b = pdf_update_object(f->update, f->pages.page);
    buf_put_text(b, "<</Type /Page /Parent ");
    pdf_put_reference(b, parent);
    buf_put_text(b, " /MediaBox [0 0 ");
    canvas_put_number(b, f->printed->width);
    buf_put_byte(b, ' ');
    canvas_put_number(b, f->printed->height);
    buf_put_text(b, "] /Tabs /S /StructParents ");
    buf_put_unsigned(b, f->structure.pages - 1);
    put_contents(f, b, label);
    buf_put_text(b, " /Resources ");
    canvas_put_resources(&f->canvas, b);
    buf_put_text(b, ">>");
    pdf_update_end(f->update);
}

void page_close(struct flow *f)
{
    struct rfd_error error;
    if (canvas_check(&f->canvas, &error) != RFD_OK) flow_failed(f, &error);
    pdf_update_stream(f->update, f->pages.content, "", buf_slice(&f->canvas.content), true);
    write_page(f);
    structure_end_page(&f->structure);
    canvas_dispose(&f->canvas);
    f->pages.count++;
    f->open = false;
}

struct pdf_reference page_finish(struct flow *f)
{
    struct pages *p = &f->pages;
    struct rfd_error error;
    char number[24];
    char count[24];
    int count_length = snprintf(count, sizeof count, "%zu", p->count);
    for (size_t i = 0; i < p->count && p->labels != NULL && flow_ok(f); i++) {
        int length = snprintf(number, sizeof number, "%zu", i + 1);
        write_label(f, slice_of(number, (size_t)length), slice_of(count, (size_t)count_length), p->labels[i]);
    }
    if (buf_check(&p->kids, "page tree", &error) != RFD_OK || buf_check(&p->nodes, "page tree", &error) != RFD_OK)
        flow_failed(f, &error);
    if (p->root.number == 0) {
        write_node(f, p->node, (struct pdf_reference){0}, &p->kids, p->count);
        return p->node;
    }
    close_node(f);
    write_node(f, p->root, (struct pdf_reference){0}, &p->nodes, p->count);
    return p->root;
}
