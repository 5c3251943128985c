/* SPDX-License-Identifier: EUPL-1.2
 *
 * A new file is an update of nothing: the header is the first thing in the tail, so that positions there are offsets
 * of the file, and the cross-reference table begins with object 0.
 */
#include "pdf/create.h"

#include "base/error.h"
#include "pdf/update_internal.h"

#include <assert.h>
#include <openssl/evp.h>

enum { DIGEST_SIZE = 32, ID_SIZE = 16 };

/** §7.5.2: the comment's bytes tell programs that the file is not text. */
static const char header[] = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";

rfd_status pdf_create_begin(struct pdf_update **out, struct rfd_error *error)
{
    struct pdf_update *u = update_new(0);
    if (u == NULL) return error_memory(error);
    buf_put_text(&u->tail, header);
    *out = u;
    return RFD_OK;
}

/** §7.5.4: the table of a file without updates is one run from 0 on; each number that was taken must be there. */
static rfd_status check_complete(const struct pdf_update *u, struct rfd_error *error)
{
    for (size_t i = 0; i < u->count; i++) {
        if (u->entries[i].number != i + 1)
            return error_set(error, RFD_E_INTERNAL, "object %zu was taken but not written", i + 1);
    }
    if (u->next != u->count + 1)
        return error_set(error, RFD_E_INTERNAL, "object %zu was taken but not written", u->count + 1);
    if (u->root.number == 0) return error_set(error, RFD_E_INTERNAL, "a file without catalog");
    return RFD_OK;
}

static void put_table(struct pdf_update *u)
{
    buf_put_text(&u->tail, "xref\n0 ");
    buf_put_unsigned(&u->tail, u->next);
    buf_put_text(&u->tail, "\n0000000000 65535 f\r\n");
    for (size_t i = 0; i < u->count; i++) update_put_table_entry(&u->tail, &u->entries[i]);
}

static void put_reference_entry(struct buf *b, const char *key, struct pdf_reference r)
{
    if (r.number == 0) return;
    buf_put_text(b, key);
    pdf_put_reference(b, r);
    buf_put_byte(b, '\n');
}

rfd_status create_write_xref(struct pdf_update *u, struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE];
    struct buf *b = &u->tail;
    uint64_t startxref = b->length;
    TRY(update_sort_entries(u, error));
    TRY(check_complete(u, error));
    TRY(buf_check(b, "PDF", error));
    /* §14.4: made from what the file says; both halves are the same in a new file. */
    if (EVP_Digest(b->data, b->length, digest, NULL, EVP_sha256(), NULL) != 1)
        return error_set(error, RFD_E_INTERNAL, "SHA-256 of the file");
    put_table(u);
    buf_put_text(b, "trailer\n<<");
    buf_put_text(b, "/Size ");
    buf_put_unsigned(b, u->next);
    buf_put_byte(b, '\n');
    put_reference_entry(b, "/Root ", u->root);
    put_reference_entry(b, "/Info ", u->info);
    buf_put_text(b, "/ID [<");
    buf_put_hex(b, slice_of(digest, ID_SIZE), true);
    buf_put_text(b, "><");
    buf_put_hex(b, slice_of(digest, ID_SIZE), true);
    buf_put_text(b, ">]\n>>\n");
    update_put_end(u, startxref);
    return RFD_OK;
}

rfd_status pdf_create_finish(struct pdf_update *u, struct pdf_reference root, struct pdf_reference info, slice *file,
                             struct rfd_error *error)
{
    assert(u->doc == NULL);
    u->root = root;
    u->info = info;
    return pdf_update_finish(u, file, error);
}
