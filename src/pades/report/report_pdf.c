/* SPDX-License-Identifier: EUPL-1.2
 *
 * A report as a printed document: the same words in the same order as report_html.c, for paper and for the file.
 */
#include "base/error.h"
#include "base/language.h"
#include "pades/report/report_drawing.h"
#include "pades/report/report_model.h"
#include "print/printed.h"

#define ARENA_MAXIMUM ((size_t)256 << 20)
enum {
    PICTURE_WIDTH = 800,
    LABEL_WIDTH = 115,
    ROWS_FIRST = 12, /* which fit below the verdict */
    ROWS_LATER = 18, /* on a page of their own */
    PICTURES_MAXIMUM = 1 + (REPORT_ROWS_MAXIMUM - ROWS_FIRST + ROWS_LATER - 1) / ROWS_LATER
};
static const double small_size = 8.5;
static const colour muted = 0x566270;

/** A part of the picture, kept until the document is laid out. */
struct plate {
    struct report_timeline timeline;
    struct fonts *fonts;
    struct arena *arena;
};

struct sheet {
    struct printed *printed;
    struct report *report;
    struct fonts *fonts;
    struct plate plates[PICTURES_MAXIMUM];
};

/* --- Pieces ------------------------------------------------------------------------------------------------------ */

static const char *word(struct sheet *s, const char *message)
{
    return report_word(&s->report->voice, message);
}

/** Two texts, the second on a line of its own when there is one. */
static const char *with_note(struct sheet *s, const char *text, const char *note)
{
    if (*note == '\0') return text;
    char *both = arena_print(s->report->voice.arena, "%s\n%s", text, note);
    if (both == NULL) s->report->voice.failed = true;
    return both == NULL ? "" : both;
}

static void put_pairs(struct sheet *s, const struct report_pair *items, size_t count)
{
    if (count == 0) return;
    struct printed_pair *pairs = arena_zeroed(s->report->voice.arena, count, sizeof *pairs);
    if (pairs == NULL) {
        s->report->voice.failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        pairs[i] = (struct printed_pair){items[i].label, with_note(s, items[i].value, items[i].note)};
    printed_pairs(s->printed, pairs, count, LABEL_WIDTH);
}

static void put_notes(struct sheet *s, const struct report_note *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool plain = items[i].tone == REPORT_PLAIN;
        const struct span spans[] = {
            {slice_text(items[i].text), plain ? FONT_REGULAR : FONT_BOLD,
             plain ? COLOUR_BLACK : report_drawing_ink(items[i].tone)},
            {SLICE("\n"), FONT_REGULAR, muted},
            {slice_text(items[i].advice), FONT_REGULAR, muted},
        };
        printed_item(s->printed, spans, *items[i].advice == '\0' ? 1 : 3);
    }
}

static void put_small(struct sheet *s, const char *text)
{
    const struct span span = {slice_text(text), FONT_REGULAR, muted};
    const struct printed_text style = {.size = small_size, .after = 4};
    if (*text != '\0') printed_paragraph(s->printed, &span, 1, &style);
}

/* --- Verdict and picture ----------------------------------------------------------------------------------------- */

/** The text with the mark of its tone before it. */
static const char *marked(struct sheet *s, enum report_tone tone, const char *text)
{
    static const char *const marks[] = {
        [REPORT_GOOD] = "✓", [REPORT_DOUBT] = "!", [REPORT_BAD] = "×", [REPORT_PLAIN] = "i"};
    return report_fill(&s->report->voice, "%1  %2", marks[tone], text, NULL);
}

static void put_verdict(struct sheet *s)
{
    struct report *r = s->report;
    printed_heading(s->printed, 1, word(s, N_("Report on the signatures of a document")));
    printed_banner(s->printed, marked(s, r->tone, r->verdict), *r->explanation == '\0' ? NULL : r->explanation,
                   report_drawing_ink(r->tone), COLOUR_WHITE);
    put_pairs(s, r->facts, r->fact_count);
}

static rfd_status draw_plate(void *context, struct canvas *c, double width, double height, struct rfd_error *error)
{
    struct plate *p = context;
    return report_drawing_paint(&p->timeline, c, p->fonts, p->arena, width, height, error);
}

static void put_picture(struct sheet *s)
{
    struct report *r = s->report;
    if (r->row_count == 0) return;
    const char *title = word(s, N_("What happened when"));
    printed_heading(s->printed, 2, title);
    size_t first = 0;
    for (size_t i = 0; i < PICTURES_MAXIMUM && first < r->row_count; i++) {
        struct plate *p = &s->plates[i];
        size_t last = first + (i == 0 ? ROWS_FIRST : ROWS_LATER);
        const struct report_picture what = {r->rows, r->row_count, first, last, r->time, PICTURE_WIDTH};
        report_timeline_layout(&r->voice, &what, &p->timeline);
        p->fonts = s->fonts;
        p->arena = r->voice.arena;
        printed_drawing(s->printed, p->timeline.height * printed_width(s->printed) / PICTURE_WIDTH, title, draw_plate,
                        p);
        first = last;
    }
    put_small(s, r->left_out);
}

/* --- Cards ------------------------------------------------------------------------------------------------------- */

static void put_path(struct sheet *s, const struct report_link *links, size_t count)
{
    enum { COLUMNS = 3 };
    const struct printed_column columns[COLUMNS] = {
        {word(s, N_("Certificate")), 4, ALIGN_LEFT},
        {word(s, N_("Validity")), 3, ALIGN_LEFT},
        {word(s, N_("Revocation")), 4, ALIGN_LEFT},
    };
    if (count == 0) return;
    struct printed_cell *cells = arena_zeroed(s->report->voice.arena, count * COLUMNS, sizeof *cells);
    if (cells == NULL) {
        s->report->voice.failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = with_note(s, with_note(s, links[i].role, links[i].name), links[i].organisation);
        cells[i * COLUMNS] = (struct printed_cell){.text = name};
        cells[i * COLUMNS + 1] = (struct printed_cell){.text = links[i].validity, .ink = muted};
        cells[i * COLUMNS + 2] =
            (struct printed_cell){.text = links[i].state, .ink = report_drawing_ink(links[i].tone)};
    }
    printed_heading(s->printed, 3, word(s, N_("Who vouches for the certificate")));
    printed_table(s->printed, columns, COLUMNS, cells, count);
}

static void put_card(struct sheet *s, const struct report_card *c)
{
    struct report_voice *v = &s->report->voice;
    printed_heading(s->printed, 2, c->title);
    const char *title = c->stamp ? c->word : report_fill(v, "%1: %2", c->kind, c->word, NULL);
    printed_banner(s->printed, marked(s, c->tone, title), with_note(s, c->meaning, c->advice),
                   report_drawing_ground(c->tone), report_drawing_ink(c->tone));
    put_pairs(s, c->facts, c->fact_count);
    if (c->note_count > 0) {
        printed_heading(s->printed, 3, word(s, N_("What was found")));
        put_notes(s, c->notes, c->note_count);
    }
    put_path(s, c->path, c->link_count);
}

static void put_cards(struct sheet *s)
{
    struct report *r = s->report;
    if (r->note_count > 0) {
        printed_heading(s->printed, 2, word(s, N_("About the document")));
        put_notes(s, r->notes, r->note_count);
    }
    if (r->card_count > 0) printed_heading(s->printed, 1, word(s, N_("The signatures one by one")));
    for (size_t i = 0; i < r->card_count; i++) put_card(s, &r->cards[i]);
}

/* --- Annex ------------------------------------------------------------------------------------------------------- */

static void put_events(struct sheet *s)
{
    enum { COLUMNS = 2 };
    struct report *r = s->report;
    const struct printed_column columns[COLUMNS] = {
        {word(s, N_("Time")), 3, ALIGN_LEFT},
        {word(s, N_("What happened")), 5, ALIGN_LEFT},
    };
    struct printed_cell *cells = arena_zeroed(r->voice.arena, (r->event_count + 1) * COLUMNS, sizeof *cells);
    if (cells == NULL) {
        r->voice.failed = true;
        return;
    }
    for (size_t i = 0; i < r->event_count; i++) {
        cells[i * COLUMNS] = (struct printed_cell){.text = r->events[i].when};
        cells[i * COLUMNS + 1] = (struct printed_cell){.text = r->events[i].what};
    }
    printed_heading(s->printed, 2, word(s, N_("In order of time")));
    printed_table(s->printed, columns, COLUMNS, cells, r->event_count);
}

static void put_rows(struct sheet *s, const struct report_annex *a)
{
    static const double shares[REPORT_ANNEX_COLUMNS] = {5, 2, 2, 1.6, 6};
    struct printed_column columns[REPORT_ANNEX_COLUMNS];
    if (a->row_count == 0) return;
    struct printed_cell *cells =
        arena_zeroed(s->report->voice.arena, a->row_count * REPORT_ANNEX_COLUMNS, sizeof *cells);
    if (cells == NULL) {
        s->report->voice.failed = true;
        return;
    }
    for (size_t k = 0; k < REPORT_ANNEX_COLUMNS; k++)
        columns[k] = (struct printed_column){s->report->annex_columns[k], shares[k], ALIGN_LEFT};
    for (size_t i = 0; i < a->row_count; i++) {
        for (size_t k = 0; k < REPORT_ANNEX_COLUMNS; k++)
            cells[i * REPORT_ANNEX_COLUMNS + k] = (struct printed_cell){.text = a->rows[i][k]};
    }
    printed_table(s->printed, columns, REPORT_ANNEX_COLUMNS, cells, a->row_count);
}

static void put_annex(struct sheet *s)
{
    struct report *r = s->report;
    printed_page_break(s->printed);
    printed_heading(s->printed, 1, word(s, N_("Technical annex")));
    put_small(s, word(s, N_("For specialists: codes of ETSI EN 319 102-1, algorithms, serial numbers and "
                            "fingerprints.")));
    put_events(s);
    for (size_t i = 0; i < r->annex_count; i++) {
        printed_heading(s->printed, r->annexes[i].part ? 3 : 2, r->annexes[i].title);
        put_pairs(s, r->annexes[i].pairs, r->annexes[i].pair_count);
        put_rows(s, &r->annexes[i]);
    }
}

/* --- The whole --------------------------------------------------------------------------------------------------- */

static rfd_status open_sheet(struct sheet *s, struct rfd_error *error)
{
    struct report_voice *v = &s->report->voice;
    const struct printed_settings settings = {
        .title = report_fill(v, "%1 – %2", s->report->verdict, s->report->name, NULL),
        .subject = word(s, N_("Report on the signatures of a document")),
        .language = v->code,
        .time = s->report->time,
        .header = s->report->name,
        .footer = report_say(v, N_("Made by Refrenda %1. All times are in Coordinated Universal Time (UTC)."),
                             rfd_version(), NULL),
        .page_label = word(s, N_("Page %1 of %2")),
    };
    TRY(fonts_new(NULL, &s->fonts, error));
    return printed_new(s->fonts, &settings, &s->printed, error);
}

static rfd_status write_sheet(struct sheet *s, rfd_bytes *out, struct rfd_error *error)
{
    struct report_voice *v = &s->report->voice;
    put_verdict(s);
    put_picture(s);
    put_cards(s);
    put_annex(s);
    return v->failed ? arena_failed(v->arena, error) : printed_finish(s->printed, out, error);
}

rfd_status report_pdf(const struct report_source *source, const struct rfd_language *language, rfd_bytes *out,
                      struct rfd_error *error)
{
    struct arena arena;
    struct report report;
    struct sheet sheet = {.report = &report};
    rfd_status status;
    arena_init(&arena, ARENA_MAXIMUM);
    TRY_OUT(report_build(source, language_catalogue(language), language_code(language), &arena, &report, error));
    TRY_OUT(open_sheet(&sheet, error));
    status = write_sheet(&sheet, out, error);
out:
    printed_free(sheet.printed);
    fonts_free(sheet.fonts);
    arena_dispose(&arena);
    return status;
}

rfd_status rfd_verification_pdf(const struct rfd_verification *v, const char *name, const struct rfd_language *language,
                                rfd_bytes *out, struct rfd_error *error)
{
    struct report_source source = report_source_of(v, name);
    return report_pdf(&source, language, out, error);
}
