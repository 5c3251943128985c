/* SPDX-License-Identifier: EUPL-1.2
 *
 * Glyphs keep their numbers in a subset, so that content can be written before it is known which glyphs there are:
 * a glyph's number is its CID, is its number in the font program (/CIDToGIDMap /Identity, ISO 32000-2 §9.7.4.2).
 */
#include "print/font_program.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "pdf/filter.h"

#include <hb-subset.h>

enum { PROGRAM_MAXIMUM = 32 << 20, KEPT_MAXIMUM = 8 << 20, TAG_LENGTH = 6, WORD_BITS = 64 };

/* ---- Which glyphs ---- */

static bool is_selected(const struct font_face *f, const struct font_selection *s, unsigned glyph)
{
    bool single = (s->single[glyph / WORD_BITS] >> (glyph % WORD_BITS) & 1) != 0;
    return single || (f->classes[glyph] != 0 && (s->classes >> f->classes[glyph] & 1) != 0);
}

void font_program_key(const struct font_face *f, const struct font_selection *s, struct buf *key)
{
    buf_put(key, &s->face, sizeof s->face);
    buf_put(key, &s->classes, sizeof s->classes);
    for (unsigned i = 0; i < (f->glyph_count + WORD_BITS - 1) / WORD_BITS; i++) {
        uint64_t word = s->single[i];
        if (word == 0) continue;
        buf_put(key, &i, sizeof i);
        buf_put(key, &word, sizeof word);
    }
    for (size_t i = 0; i < s->extra_count; i++) {
        uint32_t length = (uint32_t)s->extras[i].text.length;
        buf_put(key, &s->extras[i].glyph, sizeof s->extras[i].glyph);
        buf_put(key, &length, sizeof length);
        buf_put_slice(key, s->extras[i].text);
    }
}

/** FNV-1a. */
static uint64_t hash_of(slice bytes)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < bytes.length; i++) hash = (hash ^ bytes.data[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/** The tag of a subset (§9.9.2): six letters that differ between subsets of one font, whoever chose their glyphs. */
static void set_name(struct font_program *p, const struct font_face *f)
{
    uint64_t hash = hash_of(buf_slice(&p->file)) ^ hash_of(buf_slice(&p->unicode));
    for (size_t i = 0; i < TAG_LENGTH; i++) {
        p->name[i] = (char)('A' + hash % 26);
        hash /= 26;
    }
    (void)snprintf(p->name + TAG_LENGTH, sizeof p->name - TAG_LENGTH, "+%s", f->name);
}

/* ---- The font program ---- */

static hb_subset_input_t *describe_subset(const struct font_face *f, const struct font_selection *s)
{
    /* All that a CIDFontType2 needs (§9.9.1): layout is done, names and character maps are not looked at. */
    static const hb_tag_t needed[] = {HB_TAG('g', 'l', 'y', 'f'), HB_TAG('l', 'o', 'c', 'a'),
                                      HB_TAG('h', 'e', 'a', 'd'), HB_TAG('h', 'h', 'e', 'a'),
                                      HB_TAG('h', 'm', 't', 'x'), HB_TAG('m', 'a', 'x', 'p')};
    hb_subset_input_t *input = hb_subset_input_create_or_fail();
    if (input == NULL) return NULL;
    hb_subset_input_set_flags(input, HB_SUBSET_FLAGS_RETAIN_GIDS | HB_SUBSET_FLAGS_NO_HINTING);
    hb_set_t *dropped = hb_subset_input_set(input, HB_SUBSET_SETS_DROP_TABLE_TAG);
    hb_set_clear(dropped);
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) hb_set_add(dropped, needed[i]);
    hb_set_invert(dropped);
    hb_set_t *glyphs = hb_subset_input_glyph_set(input);
    for (unsigned i = 0; i < f->glyph_count; i++) {
        if (is_selected(f, s, i)) hb_set_add(glyphs, i);
    }
    return input;
}

/** /CIDSet: one bit for each glyph of the program; the numbers in between are empty glyphs of it, too (ISO 19005-1
 * §6.3.5, ISO 19005-2 §6.2.11.4.2). */
static rfd_status write_set(struct font_program *p, unsigned count, struct rfd_error *error)
{
    struct buf bits;
    buf_init(&bits, PROGRAM_MAXIMUM);
    buf_fill(&bits, 0xFF, count / 8);
    if (count % 8 != 0) buf_put_byte(&bits, (uint8_t)(0xFF00 >> count % 8));
    rfd_status status = buf_check(&bits, "glyph set", error);
    if (status == RFD_OK) status = filter_flate_encode(buf_slice(&bits), &p->set, error);
    buf_dispose(&bits);
    return status;
}

static rfd_status write_file(struct font_program *p, const struct font_face *f, const struct font_selection *s,
                             struct rfd_error *error)
{
    unsigned length = 0;
    rfd_status status = RFD_OK;
    hb_subset_input_t *input = describe_subset(f, s);
    hb_face_t *subset = input == NULL ? NULL : hb_subset_or_fail(f->hb, input);
    hb_blob_t *blob = subset == NULL ? NULL : hb_face_reference_blob(subset);
    const char *data = blob == NULL ? NULL : hb_blob_get_data(blob, &length);
    if (input == NULL)
        status = error_memory(error);
    else if (data == NULL || length == 0)
        status = error_set(error, RFD_E_FONT, "%s: no subset can be made of it", f->name);
    if (status == RFD_OK) status = write_set(p, hb_face_get_glyph_count(subset), error);
    if (status == RFD_OK) status = filter_flate_encode(slice_of(data, length), &p->file, error);
    p->file_length = length;
    hb_blob_destroy(blob);
    hb_face_destroy(subset);
    hb_subset_input_destroy(input);
    return status;
}

/* ---- /W (§9.7.4.3) ---- */

static void write_widths(struct font_program *p, const struct font_face *f, const struct font_selection *s)
{
    bool open = false;
    buf_put_byte(&p->widths, '[');
    for (unsigned i = 0; i < f->glyph_count; i++) {
        bool selected = i == 0 || is_selected(f, s, i);
        if (selected && !open) {
            buf_put_unsigned(&p->widths, i);
            buf_put_byte(&p->widths, '[');
        } else if (selected) {
            buf_put_byte(&p->widths, ' ');
        } else if (open) {
            buf_put_byte(&p->widths, ']');
        }
        if (selected) buf_put_unsigned(&p->widths, f->widths[i]);
        open = selected;
    }
    buf_put_text(&p->widths, open ? "]]" : "]");
}

/* ---- /ToUnicode (§9.10.3) ---- */

enum { BLOCK = 100 }; /* entries of one bfchar section */

struct unicode_map {
    struct buf text, block, utf8, utf16;
    size_t entries;
};

/** A failure of a part is the map's, before the part is used again. */
static void pass_failure(struct unicode_map *m, const struct buf *part)
{
    if (part->status != RFD_OK && m->text.status == RFD_OK) m->text.status = part->status;
}

static void end_block(struct unicode_map *m)
{
    if (m->entries == 0) return;
    buf_print(&m->text, "%zu beginbfchar\n", m->entries);
    buf_put_slice(&m->text, buf_slice(&m->block));
    buf_put_text(&m->text, "endbfchar\n");
    pass_failure(m, &m->block);
    buf_reset(&m->block);
    m->entries = 0;
}

static void add_entry(struct unicode_map *m, unsigned glyph, slice utf8)
{
    buf_reset(&m->utf16);
    text_to_utf16_be(utf8, &m->utf16);
    buf_print(&m->block, "<%04X><", glyph);
    buf_put_hex(&m->block, buf_slice(&m->utf16), true);
    buf_put_text(&m->block, ">\n");
    pass_failure(m, &m->utf16);
    if (++m->entries == BLOCK) end_block(m);
}

static void put_map(struct unicode_map *m, const struct font_face *f, const struct font_selection *s)
{
    size_t extra = 0;
    buf_put_text(&m->text, "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo "
                           "<</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n/CMapName /Adobe-Identity-UCS "
                           "def\n/CMapType 2 def\n1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n");
    for (unsigned i = 0; i < f->glyph_count; i++) {
        if (!is_selected(f, s, i)) continue;
        while (extra < s->extra_count && s->extras[extra].glyph < i) extra++;
        buf_reset(&m->utf8);
        if (font_face_put_text(f, i, &m->utf8))
            add_entry(m, i, buf_slice(&m->utf8));
        else if (extra < s->extra_count && s->extras[extra].glyph == i)
            add_entry(m, i, s->extras[extra].text);
        pass_failure(m, &m->utf8);
    }
    end_block(m);
    buf_put_text(&m->text, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
}

static rfd_status write_unicode(struct font_program *p, const struct font_face *f, const struct font_selection *s,
                                struct rfd_error *error)
{
    struct unicode_map m = {.entries = 0};
    rfd_status status = RFD_OK;
    buf_init(&m.text, PROGRAM_MAXIMUM);
    buf_init(&m.block, PROGRAM_MAXIMUM);
    buf_init(&m.utf8, PROGRAM_MAXIMUM);
    buf_init(&m.utf16, PROGRAM_MAXIMUM);
    put_map(&m, f, s);
    TRY_OUT(buf_check(&m.text, "character map", error));
    TRY_OUT(filter_flate_encode(buf_slice(&m.text), &p->unicode, error));
out:
    buf_dispose(&m.text);
    buf_dispose(&m.block);
    buf_dispose(&m.utf8);
    buf_dispose(&m.utf16);
    return status;
}

/* ---- Programs ---- */

rfd_status font_program_new(const struct font_face *f, const struct font_selection *selection, struct buf *key,
                            struct font_program **out, struct rfd_error *error)
{
    struct font_program *p = memory_zeroed(1, sizeof *p);
    if (p == NULL) return error_memory(error);
    rfd_status status = RFD_OK;
    p->references = 1;
    p->hash = hash_of(buf_slice(key));
    p->key = *key;
    buf_init(key, key->maximum);
    buf_init(&p->widths, PROGRAM_MAXIMUM);
    buf_init(&p->file, PROGRAM_MAXIMUM);
    buf_init(&p->unicode, PROGRAM_MAXIMUM);
    buf_init(&p->set, PROGRAM_MAXIMUM);
    write_widths(p, f, selection);
    TRY_OUT(buf_check(&p->widths, "glyph widths", error));
    TRY_OUT(write_unicode(p, f, selection, error));
    TRY_OUT(write_file(p, f, selection, error));
    set_name(p, f);
    *out = p;
    p = NULL;
out:
    font_program_release(p);
    return status;
}

void font_program_release(struct font_program *p)
{
    if (p == NULL || --p->references > 0) return;
    buf_dispose(&p->key);
    buf_dispose(&p->widths);
    buf_dispose(&p->file);
    buf_dispose(&p->unicode);
    buf_dispose(&p->set);
    memory_free(p);
}

static size_t size_of(const struct font_program *p)
{
    return sizeof *p + p->key.capacity + p->widths.capacity + p->file.capacity + p->unicode.capacity + p->set.capacity;
}

static void unlink_program(struct font_programs *all, struct font_program *p)
{
    *(p->newer == NULL ? &all->newest : &p->newer->older) = p->older;
    *(p->older == NULL ? &all->oldest : &p->older->newer) = p->newer;
    all->bytes -= size_of(p);
}

static void link_newest(struct font_programs *all, struct font_program *p)
{
    p->newer = NULL;
    p->older = all->newest;
    *(all->newest == NULL ? &all->oldest : &all->newest->newer) = p;
    all->newest = p;
    all->bytes += size_of(p);
}

struct font_program *font_programs_find(struct font_programs *all, slice key)
{
    uint64_t hash = hash_of(key);
    for (struct font_program *p = all->newest; p != NULL; p = p->older) {
        if (p->hash != hash || !slice_equal(buf_slice(&p->key), key)) continue;
        unlink_program(all, p);
        link_newest(all, p);
        p->references++;
        return p;
    }
    return NULL;
}

void font_programs_keep(struct font_programs *all, struct font_program *p)
{
    if (size_of(p) > KEPT_MAXIMUM) return;
    link_newest(all, p);
    p->references++;
    while (all->bytes > KEPT_MAXIMUM && all->oldest != NULL) {
        struct font_program *last = all->oldest;
        unlink_program(all, last);
        font_program_release(last);
    }
}

void font_programs_dispose(struct font_programs *all)
{
    while (all->oldest != NULL) {
        struct font_program *last = all->oldest;
        unlink_program(all, last);
        font_program_release(last);
    }
}
