/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/repair.h"

#include "base/error.h"
#include "base/secret.h"
#include <refrenda/trust.h>

#include <qpdf/qpdf-c.h>

/** qpdf keeps a document in memory when it reads from memory. */
#define REPAIR_MAXIMUM ((uint64_t)1 << 30)
enum { NEEDLE_LENGTH = 10, DEPTH_MAXIMUM = 16, FIELDS_MAXIMUM = 100000 };
static const char needle[] = "/ByteRange";

struct scan {
    uint8_t joint[2 * NEEDLE_LENGTH]; /* the end of the last piece and the beginning of the next */
    size_t kept;
    bool found;
};

static rfd_status scan_piece(void *context, slice piece, struct rfd_error *error)
{
    struct scan *s = context;
    (void)error;
    if (s->found || piece.length == 0) return RFD_OK;
    slice head = slice_part(piece, 0, NEEDLE_LENGTH);
    memcpy(s->joint + s->kept, head.data, head.length);
    s->found = memmem(s->joint, s->kept + head.length, needle, NEEDLE_LENGTH) != NULL ||
               memmem(piece.data, piece.length, needle, NEEDLE_LENGTH) != NULL;
    slice end = slice_from(piece, piece.length > NEEDLE_LENGTH - 1 ? piece.length - (NEEDLE_LENGTH - 1) : 0);
    memcpy(s->joint, end.data, end.length);
    s->kept = end.length;
    return RFD_OK;
}

rfd_status repair_looks_signed(struct source *source, bool *out, struct rfd_error *error)
{
    struct scan s = {0};
    TRY(source_stream(source, 0, source_size(source), scan_piece, &s, error));
    *out = s.found;
    return RFD_OK;
}

static rfd_status failed(qpdf_data q, struct rfd_error *error)
{
    rfd_status status = RFD_E_PDF_DAMAGED;
    if (!qpdf_has_error(q)) return error_set(error, status, "libqpdf");
    qpdf_error e = qpdf_get_error(q);
    if (qpdf_get_error_code(q, e) == qpdf_e_password) status = RFD_E_PDF_PASSWORD;
    return error_set(error, status, "libqpdf: %s", qpdf_get_error_message_detail(q, e));
}

/** A signature hidden from the scan, for example by escapes in names. */
static bool has_signature_below(qpdf_data q, qpdf_oh fields, int depth, int *left)
{
    int count = qpdf_oh_is_array(q, fields) ? qpdf_oh_get_array_n_items(q, fields) : 0;
    for (int i = 0; i < count && (*left)-- > 0; i++) {
        qpdf_oh field = qpdf_oh_get_array_item(q, fields, i);
        qpdf_oh value = qpdf_oh_get_key_if_dict(q, field, "/V");
        if (qpdf_oh_is_dictionary(q, value) && qpdf_oh_has_key(q, value, "/ByteRange")) return true;
        if (depth < DEPTH_MAXIMUM &&
            has_signature_below(q, qpdf_oh_get_key_if_dict(q, field, "/Kids"), depth + 1, left))
            return true;
    }
    return false;
}

static bool has_signature(qpdf_data q)
{
    int left = FIELDS_MAXIMUM;
    qpdf_oh form = qpdf_oh_get_key_if_dict(q, qpdf_get_root(q), "/AcroForm");
    return has_signature_below(q, qpdf_oh_get_key_if_dict(q, form, "/Fields"), 0, &left) || left <= 0;
}

static rfd_status rewrite(qpdf_data q, rfd_bytes *out, struct rfd_error *error)
{
    rfd_bytes bytes = {0};
    if (has_signature(q)) return error_set(error, RFD_E_PDF_SIGNED_DAMAGED, "a field has a signature");
    /* qpdf gives /Size its value only where the damaged trailer had one. */
    qpdf_oh trailer = qpdf_get_trailer(q);
    if (!qpdf_oh_has_key(q, trailer, "/Size")) qpdf_oh_replace_key(q, trailer, "/Size", qpdf_oh_new_integer(q, 1));
    if ((qpdf_init_write_memory(q) & QPDF_ERRORS) != 0) return failed(q, error);
    qpdf_set_static_ID(q, QPDF_FALSE);
    if ((qpdf_write(q) & QPDF_ERRORS) != 0) return failed(q, error);
    TRY(rfd_bytes_new(qpdf_get_buffer_length(q), &bytes, error));
    memcpy(bytes.data, qpdf_get_buffer(q), bytes.length);
    *out = bytes;
    return RFD_OK;
}

rfd_status repair_source(struct source *source, slice password, rfd_bytes *out, struct rfd_error *error)
{
    slice bytes;
    struct secret text = {0};
    rfd_status status = RFD_OK;
    if (source_size(source) > REPAIR_MAXIMUM)
        return error_set(error, RFD_E_LIMIT, "a damaged file of more than 1 GiB is not repaired");
    qpdf_data q = qpdf_init();
    if (q == NULL) return error_memory(error);
    qpdf_silence_errors(q);
    qpdf_set_suppress_warnings(q, QPDF_TRUE);
    qpdf_set_attempt_recovery(q, QPDF_TRUE);
    TRY_OUT(source_view(source, 0, source_size(source), &bytes, error));
    TRY_OUT(secret_set(&text, password, error));
    QPDF_ERROR_CODE code =
        qpdf_read_memory(q, "input", (const char *)bytes.data, bytes.length, (const char *)text.data);
    status = (code & QPDF_ERRORS) != 0 ? failed(q, error) : rewrite(q, out, error);
out:
    secret_dispose(&text);
    qpdf_cleanup(&q);
    return status;
}
