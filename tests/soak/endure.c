/* SPDX-License-Identifier: EUPL-1.2 */
#include "endure.h"

#include "base/buf.h"
#include "base/number.h"
#include "base/text.h"
#include "workshop.h"

#include <stdio.h>

enum { DOCUMENT_SIZE = 2000, ALTERED_SIZE = 19000, TOLD_MAXIMUM = 10, AROUND = 30 };

/** The four numbers of the document's only /ByteRange. */
static bool find_range(slice document, size_t range[4])
{
    static const char key[] = "/ByteRange";
    const uint8_t *at = memmem(document.data, document.length, key, sizeof key - 1);
    char text[128];
    if (at == NULL) return false;
    size_t left = document.length - (size_t)(at - document.data);
    size_t length = left < sizeof text ? left : sizeof text - 1;
    memcpy(text, at, length);
    text[length] = '\0';
    return sscanf(text, "/ByteRange%*[ []%zu %zu %zu %zu", &range[0], &range[1], &range[2], &range[3]) == 4 &&
           range[2] + range[3] <= document.length && range[1] + 2 < range[2];
}

/** openssl cms over the CMS in the hole and the bytes around it. */
static bool openssl_accepts(const struct buf *document)
{
    size_t range[4];
    if (!find_range(buf_slice(document), range)) return false;
    struct buf content, cms;
    buf_init(&content, document->length);
    buf_init(&cms, document->length);
    buf_put(&content, document->data + range[0], range[1]);
    buf_put(&content, document->data + range[2], range[3]);
    slice hex = slice_of(document->data + range[1] + 1, range[2] - range[1] - 2);
    uint8_t *to = buf_reserve(&cms, hex.length / 2);
    bool good = to != NULL && number_hex(hex, to);
    cms.length += hex.length / 2;
    folder_write("sample.bin", buf_slice(&content));
    folder_write("sample.cms", buf_slice(&cms));
    good = good && RUN("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", folder_file("sample.cms"),
                       "-content", folder_file("sample.bin"), "-CAfile", folder_file("root.pem"), "-purpose", "any",
                       "-out", "/dev/null") == 0;
    buf_dispose(&content);
    buf_dispose(&cms);
    return good;
}

static void keep(const char *kind, size_t number, const char *who)
{
    printf("# %s signature %zu is not accepted by %s\n", kind, number, who);
}

size_t endure_signatures(const char *kind, size_t count, size_t sample)
{
    struct workshop w = {0};
    size_t failed = 0;
    (void)folder_new();
    workshop_open(&w, kind);
    folder_write_identity(&w.root, "root.pem", "root.key");
    for (size_t i = 0; i < count; i++) {
        struct buf document;
        workshop_document(&document, DOCUMENT_SIZE, (unsigned)i);
        workshop_sign(&w, &document);
        bool ours = workshop_passes(&w, buf_slice(&document));
        bool theirs = sample == 0 || i % sample != 0 || openssl_accepts(&document);
        if ((!ours || !theirs) && failed++ < TOLD_MAXIMUM) keep(kind, i, ours ? "openssl" : "Refrenda");
        buf_dispose(&document);
    }
    workshop_close(&w);
    folder_remove();
    return failed;
}

static void tell(slice document, size_t at, uint8_t before)
{
    size_t from = at < AROUND ? 0 : at - AROUND;
    slice around =
        slice_part(document, from, at + AROUND < document.length ? at + AROUND - from : document.length - from);
    struct buf text;
    buf_init(&text, 4096);
    text_put_printable(&text, around);
    buf_put_byte(&text, 0);
    printf("# byte %zu changed from %02x to %02x still passes: %s\n", at, before, document.data[at],
           (const char *)text.data);
    buf_dispose(&text);
}

size_t endure_alterations(size_t masks, size_t *tried)
{
    static const uint8_t mask[] = {0x01, 0x80, 0x10, 0x20, 0x02, 0x40, 0x04, 0x08};
    struct workshop w = {0};
    struct buf document;
    size_t passed = 0;
    *tried = 0;
    (void)folder_new();
    workshop_open(&w, "P-256");
    workshop_document(&document, ALTERED_SIZE, 0);
    workshop_sign(&w, &document);
    bool usable = workshop_passes(&w, buf_slice(&document));
    for (size_t i = 0; usable && i < document.length; i++) {
        for (size_t m = 0; m < masks && m < sizeof mask; m++) {
            uint8_t before = document.data[i];
            document.data[i] ^= mask[m];
            ++*tried;
            if (workshop_passes(&w, buf_slice(&document)) && passed++ < TOLD_MAXIMUM)
                tell(buf_slice(&document), i, before);
            document.data[i] = before;
        }
    }
    buf_dispose(&document);
    workshop_close(&w);
    folder_remove();
    return usable ? passed : SIZE_MAX;
}
