/* SPDX-License-Identifier: EUPL-1.2
 * Until domain/blob is there. */
#include "base/error.h"
#include "web/web.h"

__attribute__((weak)) rfd_status blob_store_open(const struct blob_options *options, struct blob_store **out,
                                                 struct rfd_error *error)
{
    (void)options;
    (void)error;
    *out = NULL;
    return RFD_OK;
}
__attribute__((weak)) void blob_store_close(struct blob_store *store)
{
    (void)store;
}
__attribute__((weak)) rfd_status blob_begin(struct blob_store *store, struct blob_writer **out, struct rfd_error *error)
{
    (void)store;
    (void)out;
    return error_set(error, RFD_E_UNSUPPORTED, "blobs");
}
__attribute__((weak)) rfd_status blob_write(struct blob_writer *writer, slice piece, struct rfd_error *error)
{
    (void)writer;
    (void)piece;
    return error_set(error, RFD_E_UNSUPPORTED, "blobs");
}
__attribute__((weak)) rfd_status blob_finish(struct blob_writer *writer, struct arena *a, struct blob *out,
                                             struct rfd_error *error)
{
    (void)writer;
    (void)a;
    (void)out;
    return error_set(error, RFD_E_UNSUPPORTED, "blobs");
}
__attribute__((weak)) void blob_abandon(struct blob_writer *writer)
{
    (void)writer;
}
__attribute__((weak)) rfd_status blob_read(struct blob_store *store, const struct blob *blob, blob_each *each,
                                           void *context, struct rfd_error *error)
{
    (void)store;
    (void)blob;
    (void)each;
    (void)context;
    return error_set(error, RFD_E_UNSUPPORTED, "blobs");
}
