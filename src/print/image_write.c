/* SPDX-License-Identifier: EUPL-1.2
 *
 * Image dictionaries (ISO 32000-2 §8.9.5 table 87). The streams are ready; only references are new.
 */
#include "print/image_internal.h"

#include <stdio.h>

enum { ENTRIES_SIZE = 512, SPECIAL_SIZE = 128 };

/** [/Indexed [/ICCBased n 0 R] hival (colours)] as an object of its own, because its string may have to be encrypted.
 */
static struct pdf_reference write_palette(const struct layer *layer, struct pdf_update *update,
                                          struct pdf_reference profile)
{
    struct pdf_reference reference = pdf_update_new(update);
    struct buf *b = pdf_update_object(update, reference);
    buf_put_text(b, "[/Indexed [/ICCBased ");
    pdf_put_reference(b, profile);
    buf_put_text(b, "] ");
    buf_put_unsigned(b, layer->color_count - 1);
    buf_put_byte(b, ' ');
    pdf_update_string(update, slice_of(layer->palette, (size_t)layer->color_count * 3));
    buf_put_byte(b, ']');
    pdf_update_end(update);
    return reference;
}

/** `special`: what this image's dictionary has beyond size and filter. */
static struct pdf_reference write_layer(const struct image *image, const struct layer *layer, struct pdf_update *update,
                                        const char *special)
{
    char entries[ENTRIES_SIZE];
    char predictor[SPECIAL_SIZE] = "";
    struct pdf_reference reference = pdf_update_new(update);
    if (layer->predicted)
        (void)snprintf(predictor, sizeof predictor,
                       " /DecodeParms << /Predictor 15 /Colors %u /BitsPerComponent %u /Columns %u >>",
                       layer->components, layer->bits, image->width);
    (void)snprintf(entries, sizeof entries,
                   "/Type /XObject /Subtype /Image /Width %u /Height %u /BitsPerComponent %u /Filter /%s%s %s",
                   image->width, image->height, layer->bits, layer->jpeg ? "DCTDecode" : "FlateDecode", predictor,
                   special);
    pdf_update_stream(update, reference, entries, slice_bytes(layer->stream), false);
    return reference;
}

/** A picture in colour; `mask`, when not 0, is put under `mask_key`. */
static struct pdf_reference write_color(const struct image *image, const struct layer *layer, struct pdf_update *update,
                                        struct pdf_reference profile, const char *mask_key, struct pdf_reference mask)
{
    char space[SPECIAL_SIZE], masked[SPECIAL_SIZE] = "", special[2 * SPECIAL_SIZE];
    if (layer->color_count > 0) {
        struct pdf_reference palette = write_palette(layer, update, profile);
        (void)snprintf(space, sizeof space, "%u %u R", palette.number, palette.generation);
    } else {
        (void)snprintf(space, sizeof space, "[/ICCBased %u %u R]", profile.number, profile.generation);
    }
    if (mask.number != 0) (void)snprintf(masked, sizeof masked, " /%s %u %u R", mask_key, mask.number, mask.generation);
    (void)snprintf(special, sizeof special, "/ColorSpace %s%s", space, masked);
    return write_layer(image, layer, update, special);
}

rfd_status image_write(const struct image *image, struct pdf_update *update, struct pdf_reference profile, bool opaque,
                       struct pdf_reference *out, struct rfd_error *error)
{
    struct pdf_reference mask = {0};
    if (image->has_alpha && !opaque) {
        mask = write_layer(image, &image->alpha, update, "/ColorSpace /DeviceGray");
        *out = write_color(image, &image->color, update, profile, "SMask", mask);
    } else if (image->has_alpha) {
        mask = write_layer(image, &image->stencil, update, "/ImageMask true");
        *out = write_color(image, &image->opaque, update, profile, "Mask", mask);
    } else {
        *out = write_color(image, &image->color, update, profile, "", mask);
    }
    return buf_check(pdf_update_buffer(update), "picture", error);
}
