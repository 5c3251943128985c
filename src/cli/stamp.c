/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/stamp.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/source.h"
#include "cli/messages.h"

#include <time.h>

enum { MILLIMETRES_MAXIMUM = 20000, DECIMALS_MAXIMUM = 3, PAGE_MAXIMUM = 1 << 24, SMALL_FILE = 16 << 20 };

bool stamp_millimetres(const char *text, size_t length, double *out)
{
    uint64_t whole = 0;
    uint64_t part = 0;
    const char *point = memchr(text, '.', length);
    size_t digits = point == NULL ? length : (size_t)(point - text);
    if (!number_unsigned(slice_of(text, digits), MILLIMETRES_MAXIMUM, &whole)) return false;
    double value = (double)whole;
    if (point != NULL) {
        size_t decimals = length - digits - 1;
        if (decimals > DECIMALS_MAXIMUM || !number_unsigned(slice_of(point + 1, decimals), 999, &part)) return false;
        double scale = 1;
        for (size_t i = 0; i < decimals; i++) scale *= 10;
        value += (double)part / scale;
    }
    *out = value;
    return true;
}

/** "A<separator>B" in millimetres. */
static bool two_lengths(const char *text, char separator, double *first, double *second)
{
    const char *at = strchr(text, separator);
    return at != NULL && stamp_millimetres(text, (size_t)(at - text), first) &&
           stamp_millimetres(at + 1, strlen(at + 1), second);
}

static const struct {
    const char *name;
    enum rfd_place_kind kind;
    enum rfd_anchor anchor;
} places[] = {
    {"free", RFD_PLACE_FREE, 0},
    {"top-left", RFD_PLACE_ANCHOR, RFD_ANCHOR_TOP_LEFT},
    {"top", RFD_PLACE_ANCHOR, RFD_ANCHOR_TOP},
    {"top-right", RFD_PLACE_ANCHOR, RFD_ANCHOR_TOP_RIGHT},
    {"left", RFD_PLACE_ANCHOR, RFD_ANCHOR_LEFT},
    {"centre", RFD_PLACE_ANCHOR, RFD_ANCHOR_CENTRE},
    {"center", RFD_PLACE_ANCHOR, RFD_ANCHOR_CENTRE},
    {"right", RFD_PLACE_ANCHOR, RFD_ANCHOR_RIGHT},
    {"bottom-left", RFD_PLACE_ANCHOR, RFD_ANCHOR_BOTTOM_LEFT},
    {"bottom", RFD_PLACE_ANCHOR, RFD_ANCHOR_BOTTOM},
    {"bottom-right", RFD_PLACE_ANCHOR, RFD_ANCHOR_BOTTOM_RIGHT},
};

static rfd_status parse_place(const struct arguments *a, struct rfd_place *place, struct rfd_error *error)
{
    if (a->marker != NULL) {
        if (a->place != NULL) return error_set(error, RFD_E_ARGUMENT, "--marker goes without --place");
        place->kind = RFD_PLACE_MARKER;
        place->marker = a->marker;
        return RFD_OK;
    }
    if (a->place == NULL) return RFD_OK;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (strcmp(a->place, places[i].name) != 0) continue;
        place->kind = places[i].kind;
        place->anchor = places[i].anchor;
        return RFD_OK;
    }
    place->kind = RFD_PLACE_POSITION;
    if (two_lengths(a->place, ',', &place->x, &place->y)) return RFD_OK;
    return error_set(error, RFD_E_ARGUMENT, "--place %s: not free, X,Y in millimetres, or a place such as top-right",
                     a->place);
}

static rfd_status parse_page(const struct arguments *a, struct rfd_place *place, struct rfd_error *error)
{
    uint64_t number;
    if (a->page == NULL) return RFD_OK;
    if (strcmp(a->page, "first") == 0)
        place->page = 1;
    else if (strcmp(a->page, "last") == 0)
        place->page = -1;
    else if (strcmp(a->page, "all") == 0)
        place->all_pages = true;
    else if (number_unsigned(slice_text(a->page), PAGE_MAXIMUM, &number) && number > 0)
        place->page = (int)number;
    else
        return error_set(error, RFD_E_ARGUMENT, "--page %s: not a number, first, last or all", a->page);
    return RFD_OK;
}

/** --margin, --stamp-size. */
static rfd_status parse_lengths(const struct arguments *a, struct rfd_place *place, struct rfd_stamp_options *o,
                                struct rfd_error *error)
{
    if (a->margin != NULL && !stamp_millimetres(a->margin, strlen(a->margin), &place->margin))
        return error_set(error, RFD_E_ARGUMENT, "--margin %s: not a length in millimetres", a->margin);
    if (a->stamp_size != NULL && !two_lengths(a->stamp_size, 'x', &o->width, &o->height))
        return error_set(error, RFD_E_ARGUMENT, "--stamp-size %s: not WIDTHxHEIGHT in millimetres", a->stamp_size);
    return RFD_OK;
}

static rfd_status read_picture(const char *path, struct source **source, rfd_slice *out, struct rfd_error *error)
{
    if (path == NULL) return RFD_OK;
    TRY(source_open_file(path, source, error));
    if (source_size(*source) > SMALL_FILE) return error_set(error, RFD_E_LIMIT, "%s", path);
    return source_view(*source, 0, source_size(*source), out, error);
}

/** "\n" as people type it becomes a line's end, "\\" a backslash. */
static char *unescape(const char *text)
{
    char *out = memory_allocate(strlen(text) + 1);
    if (out == NULL) return NULL;
    char *to = out;
    for (; *text != '\0'; text++) {
        if (text[0] == '\\' && (text[1] == 'n' || text[1] == '\\')) {
            *to++ = *++text == 'n' ? '\n' : '\\';
        } else {
            *to++ = *text;
        }
    }
    *to = '\0';
    return out;
}

static int local_minutes(void)
{
    time_t now = time(NULL);
    struct tm local;
    return localtime_r(&now, &local) == NULL ? 0 : (int)(local.tm_gmtoff / 60);
}

static rfd_status refuse_companions(const struct arguments *a, struct rfd_error *error)
{
    const struct {
        const char *name;
        bool given;
    } companions[] = {
        {"--look", a->look >= 0},
        {"--page", a->page != NULL},
        {"--place", a->place != NULL},
        {"--marker", a->marker != NULL},
        {"--stamp-size", a->stamp_size != NULL},
        {"--margin", a->margin != NULL},
        {"--stamp-text", a->stamp_text != NULL},
        {"--image", a->image != NULL},
        {"--crest", a->crest != NULL},
        {"--qr", a->qr != NULL},
        {"--post", a->post != NULL},
        {"--number", a->number != NULL},
        {"--font", a->font != NULL},
    };
    for (size_t i = 0; i < sizeof companions / sizeof *companions; i++) {
        if (companions[i].given) return error_set(error, RFD_E_ARGUMENT, "%s needs --stamp", companions[i].name);
    }
    return RFD_OK;
}

rfd_status stamp_parse(const struct arguments *a, struct stamp_request *out, struct rfd_error *error)
{
    *out = (struct stamp_request){.place = RFD_PLACE_INIT};
    if (a->stamp < 0) return refuse_companions(a, error);
    const char *fonts[] = {a->font, NULL};
    struct rfd_stamp_options o = RFD_STAMP_OPTIONS_INIT;
    struct source *image = NULL;
    struct source *crest = NULL;
    char *text = NULL;
    rfd_status status;
    o.style = (enum rfd_stamp_style)a->stamp;
    o.look = (enum rfd_stamp_look)(a->look + 1);
    o.post = a->post;
    o.number = a->number;
    o.qr = a->qr;
    o.fonts = fonts;
    o.time_zone = local_minutes();
    TRY_OUT(parse_place(a, &out->place, error));
    TRY_OUT(parse_page(a, &out->place, error));
    TRY_OUT(parse_lengths(a, &out->place, &o, error));
    TRY_OUT(read_picture(a->image, &image, &o.image, error));
    TRY_OUT(read_picture(a->crest, &crest, &o.crest, error));
    if (a->stamp_text != NULL && (o.text = text = unescape(a->stamp_text)) == NULL) {
        status = error_memory(error);
        goto out;
    }
    TRY_OUT(messages_open_language(&out->language, error));
    o.language = out->language;
    TRY_OUT(rfd_stamp_new(&o, &out->stamp, error));
out:
    memory_free(text);
    source_close(image);
    source_close(crest);
    if (status != RFD_OK) stamp_dispose(out);
    return status;
}

void stamp_dispose(struct stamp_request *request)
{
    rfd_stamp_free(request->stamp);
    rfd_language_close(request->language);
    *request = (struct stamp_request){0};
}
