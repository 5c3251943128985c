/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda/base.h: the words that every other header uses: status, error, slice, time.
 *
 * Every function that can fail returns an rfd_status and fills the `struct rfd_error` passed last (which may be
 * NULL). An error is a plain value: nothing in it is allocated and nothing needs freeing. On failure, output
 * parameters keep the value that they had.
 */
#ifndef REFRENDA_BASE_H
#define REFRENDA_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define RFD_API                     __attribute__((visibility("default")))
#define RFD_MUST_CHECK              __attribute__((warn_unused_result))
#define RFD_PRINTF(position, first) __attribute__((format(printf, position, first)))
#else
#define RFD_API
#define RFD_MUST_CHECK
#define RFD_PRINTF(position, first)
#endif

/** What a call came to: RFD_OK, or the code of the error (refrenda/errors.def lists them all). */
typedef enum rfd_status {
    RFD_OK = 0,
#define RFD_ERROR(code, class, http, message, hint) RFD_E_##code,
#include <refrenda/errors.def>
#undef RFD_ERROR
    RFD_STATUS_COUNT
} rfd_status;

/** Who can mend it: the caller (usage), the sender of the input, the machine, or somebody on the network. */
enum rfd_error_class { RFD_CLASS_USAGE, RFD_CLASS_INPUT, RFD_CLASS_SYSTEM, RFD_CLASS_NETWORK };

enum { RFD_ERROR_DETAIL_SIZE = 320, RFD_ERROR_CAUSES = 3, RFD_ERROR_CAUSE_SIZE = 200 };

/**
 * An error: its code, a technical detail (file, object number, byte offset, clause of the standard; UTF-8, English,
 * cut when too long) and up to three causes, the nearest first. Initialise with RFD_ERROR_INIT.
 */
struct rfd_error {
    rfd_status code;
    int cause_count;
    char detail[RFD_ERROR_DETAIL_SIZE];
    struct {
        rfd_status code;
        char detail[RFD_ERROR_CAUSE_SIZE];
    } causes[RFD_ERROR_CAUSES];
};
#ifdef __cplusplus
#define RFD_ERROR_INIT (rfd_error())
#else
#define RFD_ERROR_INIT ((struct rfd_error){0})
#endif

/** The English sentence of a code, also its key in the translation catalogues. Never NULL. */
RFD_API const char *rfd_status_message(rfd_status code);
/** What to do about it, "" when there is nothing to say. Never NULL. */
RFD_API const char *rfd_status_hint(rfd_status code);
/** The code's name as programs see it, such as "pdf-damaged". Never NULL; valid until this thread asks again. */
RFD_API const char *rfd_status_name(rfd_status code);
RFD_API enum rfd_error_class rfd_status_class(rfd_status code);
/** The HTTP status that a server answers with (RFC 9457). */
RFD_API int rfd_status_http(rfd_status code);

/** Borrowed bytes: a pointer and a length. Never owns, never zero-terminated. */
typedef struct rfd_slice {
    const uint8_t *data;
    size_t length;
} rfd_slice;

/** Owned bytes that the library hands out; free with rfd_bytes_free. */
typedef struct rfd_bytes {
    uint8_t *data;
    size_t length;
} rfd_bytes;
RFD_API void rfd_bytes_free(rfd_bytes *bytes);

/** A moment: microseconds since 1970-01-01T00:00:00Z. */
typedef int64_t rfd_time;
#define RFD_TIME_NONE INT64_MIN
#define RFD_SECOND    INT64_C(1000000)

/** The library's version, such as "0.1.0". */
RFD_API const char *rfd_version(void);

#ifdef __cplusplus
}
#endif
#endif
