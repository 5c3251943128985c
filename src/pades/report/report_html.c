/* SPDX-License-Identifier: EUPL-1.2
 *
 * A report as one HTML file: no script, nothing to fetch, and a content security policy that allows the one style
 * sheet by its hash and nothing else, should a text of a stranger ever come through unescaped.
 */
#include "base/error.h"
#include "base/language.h"
#include "base/text.h"
#include "pades/report/report_model.h"
#include "pades/report/report_style.h"
#include "pades/report/report_svg.h"
#include "pki/digest.h"

#define HTML_MAXIMUM  ((size_t)64 << 20)
#define ARENA_MAXIMUM ((size_t)128 << 20)
enum { PICTURE_WIDE = 940, PICTURE_NARROW = 336 };

static const char *const tone_classes[] = {
    [REPORT_GOOD] = "good", [REPORT_DOUBT] = "doubt", [REPORT_BAD] = "bad", [REPORT_PLAIN] = "plain"};

struct page {
    struct buf *out;
    struct report *report;
};

/* --- Pieces ------------------------------------------------------------------------------------------------------ */

static void put(struct page *p, const char *markup)
{
    buf_put_text(p->out, markup);
}

static void text(struct page *p, const char *s)
{
    text_put_markup(p->out, slice_text(s));
}

/** "<p class="note">text</p>"; `attributes` begins with a space or is empty. Nothing for an empty text. */
static void element(struct page *p, const char *tag, const char *attributes, const char *s)
{
    if (*s == '\0') return;
    buf_print(p->out, "<%s%s>", tag, attributes);
    text(p, s);
    buf_print(p->out, "</%s>\n", tag);
}

static const char *word(struct page *p, const char *message)
{
    return report_word(&p->report->voice, message);
}

static void pairs(struct page *p, const struct report_pair *items, size_t count)
{
    if (count == 0) return;
    put(p, "<dl>\n");
    for (size_t i = 0; i < count; i++) {
        put(p, "<div>");
        element(p, "dt", "", items[i].label);
        put(p, "<dd dir=\"auto\">");
        text(p, items[i].value);
        element(p, "span", " class=\"note\"", items[i].note);
        put(p, "</dd></div>\n");
    }
    put(p, "</dl>\n");
}

static void notes(struct page *p, const struct report_note *items, size_t count)
{
    put(p, "<ul class=\"notes\">\n");
    for (size_t i = 0; i < count; i++) {
        buf_print(p->out, "<li class=\"%s\">", tone_classes[items[i].tone]);
        report_svg_mark(p->out, items[i].tone);
        put(p, "<div>");
        text(p, items[i].text);
        element(p, "span", " class=\"note\"", items[i].advice);
        put(p, "</div></li>\n");
    }
    put(p, "</ul>\n");
}

/* --- Head and verdict -------------------------------------------------------------------------------------------- */

/** CSP 3 §2.3.1: the sheet's hash as base64. */
static rfd_status put_policy(struct page *p, struct rfd_error *error)
{
    uint8_t hash[DIGEST_SIZE_MAXIMUM];
    TRY(digest_of(DIGEST_SHA256, slice_text(report_style), hash, error));
    put(p, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-");
    buf_put_base64(p->out, slice_of(hash, digest_size(DIGEST_SHA256)));
    put(p, "'; base-uri 'none'; form-action 'none'\">\n");
    return RFD_OK;
}

static rfd_status put_head(struct page *p, struct rfd_error *error)
{
    put(p, "<!DOCTYPE html>\n<html lang=\"");
    text(p, p->report->voice.code);
    put(p, "\">\n<head>\n<meta charset=\"utf-8\">\n");
    TRY(put_policy(p, error));
    put(p, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           "<meta name=\"color-scheme\" content=\"light dark\">\n"
           "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
    text(p, p->report->verdict);
    put(p, " – ");
    text(p, p->report->name);
    put(p, "</title>\n<style>");
    put(p, report_style);
    put(p, "</style>\n</head>\n<body>\n<main>\n");
    return RFD_OK;
}

static void put_verdict(struct page *p)
{
    const struct report *r = p->report;
    element(p, "p", " class=\"eyebrow\"", word(p, N_("Report on the signatures of a document")));
    buf_print(p->out, "<header class=\"verdict %s\">\n", tone_classes[r->tone]);
    report_svg_mark(p->out, r->tone);
    put(p, "<div>\n");
    element(p, "h1", "", r->verdict);
    element(p, "p", "", r->explanation);
    put(p, "</div>\n</header>\n<div class=\"panel tight facts\">\n");
    pairs(p, r->facts, r->fact_count);
    put(p, "</div>\n");
}

/* --- Picture ----------------------------------------------------------------------------------------------------- */

static void put_picture(struct page *p)
{
    struct report *r = p->report;
    const struct {
        const char *name;
        double width;
    } pictures[] = {{"wide", PICTURE_WIDE}, {"narrow", PICTURE_NARROW}};
    if (r->row_count == 0) return;
    const char *title = word(p, N_("What happened when"));
    element(p, "h2", "", title);
    put(p, "<figure class=\"panel\">\n");
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        struct report_timeline t;
        const struct report_picture what = {r->rows, r->row_count, 0, r->row_count, r->time, pictures[i].width};
        report_timeline_layout(&r->voice, &what, &t);
        report_svg_timeline(p->out, &t, pictures[i].name, title);
    }
    put(p, "</figure>\n");
    element(p, "p", " class=\"eyebrow\"", r->left_out);
}

/* --- Cards ------------------------------------------------------------------------------------------------------- */

static void put_path(struct page *p, const struct report_link *links, size_t count)
{
    if (count == 0) return;
    element(p, "h4", "", word(p, N_("Who vouches for the certificate")));
    put(p, "<ol class=\"chain\">\n");
    for (size_t i = 0; i < count; i++) {
        buf_print(p->out, "<li class=\"%s\">", tone_classes[links[i].tone]);
        element(p, "span", " class=\"role\"", links[i].role);
        put(p, "<br><strong dir=\"auto\">");
        text(p, links[i].name);
        put(p, "</strong>\n");
        element(p, "span", " class=\"note\" dir=\"auto\"", links[i].organisation);
        element(p, "span", " class=\"note\"", links[i].validity);
        element(p, "span", " class=\"state\"", links[i].state);
        put(p, "</li>\n");
    }
    put(p, "</ol>\n");
}

static void put_card(struct page *p, const struct report_card *c)
{
    buf_print(p->out, "<article class=\"card panel %s\">\n<header><div>", tone_classes[c->tone]);
    element(p, "h3", " dir=\"auto\"", c->title);
    element(p, "p", "", c->kind);
    put(p, "</div>\n<span class=\"badge\">");
    report_svg_mark(p->out, c->tone);
    text(p, c->word);
    put(p, "</span></header>\n<div class=\"meaning\">\n");
    element(p, "p", "", c->meaning);
    element(p, "p", "", c->advice);
    put(p, "</div>\n");
    pairs(p, c->facts, c->fact_count);
    if (c->note_count > 0) {
        element(p, "h4", "", word(p, N_("What was found")));
        notes(p, c->notes, c->note_count);
    }
    put_path(p, c->path, c->link_count);
    put(p, "</article>\n");
}

static void put_cards(struct page *p)
{
    const struct report *r = p->report;
    if (r->note_count > 0) {
        element(p, "h2", "", word(p, N_("About the document")));
        put(p, "<div class=\"panel\">\n");
        notes(p, r->notes, r->note_count);
        put(p, "</div>\n");
    }
    if (r->card_count > 0) element(p, "h2", "", word(p, N_("The signatures one by one")));
    for (size_t i = 0; i < r->card_count; i++) put_card(p, &r->cards[i]);
}

/* --- Annex ------------------------------------------------------------------------------------------------------- */

static void put_events(struct page *p)
{
    const struct report *r = p->report;
    element(p, "h3", "", word(p, N_("In order of time")));
    put(p, "<table class=\"words\">\n<thead><tr>");
    element(p, "th", " scope=\"col\"", word(p, N_("Time")));
    element(p, "th", " scope=\"col\"", word(p, N_("What happened")));
    put(p, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < r->event_count; i++) {
        put(p, "<tr>");
        element(p, "td", "", r->events[i].when);
        element(p, "td", " dir=\"auto\"", r->events[i].what);
        put(p, "</tr>\n");
    }
    put(p, "</tbody>\n</table>\n");
}

static void put_rows(struct page *p, const struct report_annex *a)
{
    if (a->row_count == 0) return;
    put(p, "<div class=\"scroll\"><table>\n<thead><tr>");
    for (size_t i = 0; i < REPORT_ANNEX_COLUMNS; i++) element(p, "th", " scope=\"col\"", p->report->annex_columns[i]);
    put(p, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < a->row_count; i++) {
        put(p, "<tr>");
        for (size_t k = 0; k < REPORT_ANNEX_COLUMNS; k++) {
            put(p, "<td>");
            text(p, a->rows[i][k]);
            put(p, "</td>");
        }
        put(p, "</tr>\n");
    }
    put(p, "</tbody>\n</table></div>\n");
}

static void put_annex(struct page *p)
{
    const struct report *r = p->report;
    element(p, "h2", "", word(p, N_("Technical annex")));
    put(p, "<div class=\"panel annex\">\n");
    element(p, "p", "",
            word(p, N_("For specialists: codes of ETSI EN 319 102-1, algorithms, serial numbers and "
                       "fingerprints.")));
    put_events(p);
    for (size_t i = 0; i < r->annex_count; i++) {
        const struct report_annex *a = &r->annexes[i];
        element(p, a->part ? "h4" : "h3", "", a->title);
        pairs(p, a->pairs, a->pair_count);
        put_rows(p, a);
    }
    put(p, "</div>\n");
}

/* --- The whole --------------------------------------------------------------------------------------------------- */

static rfd_status write_page(struct page *p, struct rfd_error *error)
{
    struct report_voice *v = &p->report->voice;
    TRY(put_head(p, error));
    put_verdict(p);
    put_picture(p);
    put_cards(p);
    put_annex(p);
    put(p, "<footer>");
    text(p, report_say(v, N_("Made by Refrenda %1. All times are in Coordinated Universal Time (UTC)."), rfd_version(),
                       NULL));
    put(p, "</footer>\n</main>\n</body>\n</html>\n");
    return v->failed ? arena_failed(v->arena, error) : RFD_OK;
}

rfd_status report_html(const struct report_source *source, const struct rfd_language *language, rfd_bytes *out,
                       struct rfd_error *error)
{
    struct arena arena;
    struct report report;
    struct buf b;
    rfd_status status;
    arena_init(&arena, ARENA_MAXIMUM);
    buf_init(&b, HTML_MAXIMUM);
    struct page page = {&b, &report};
    TRY_OUT(report_build(source, language_catalogue(language), language_code(language), &arena, &report, error));
    TRY_OUT(write_page(&page, error));
    status = buf_take(&b, out, error);
out:
    buf_dispose(&b);
    arena_dispose(&arena);
    return status;
}

rfd_status rfd_verification_html(const struct rfd_verification *v, const char *name,
                                 const struct rfd_language *language, rfd_bytes *out, struct rfd_error *error)
{
    struct report_source source = report_source_of(v, name);
    return report_html(&source, language, out, error);
}
