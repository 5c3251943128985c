/* SPDX-License-Identifier: EUPL-1.2
 *
 * Filling errors. `return error_set(error, RFD_E_X, "object %u", n)` is the one way to fail; `error_wrap` puts what
 * happened below into the cause chain and raises a code that makes sense to the caller.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <refrenda/base.h>

/** Sets code and detail, forgets earlier causes. Returns `code`. `error` may be NULL. */
rfd_status error_set(struct rfd_error *error, rfd_status code, const char *format, ...) RFD_PRINTF(3, 4);

/** As error_set, with ": " and the text of `errno_value` appended; ENOSPC and ENOMEM replace `code` by their own. */
rfd_status error_errno(struct rfd_error *error, rfd_status code, int errno_value, const char *format, ...)
    RFD_PRINTF(4, 5);

/** Makes what `error` holds the first cause of a new error. Returns `code`. RFD_E_MEMORY is never wrapped. */
rfd_status error_wrap(struct rfd_error *error, rfd_status code, const char *format, ...) RFD_PRINTF(3, 4);

/** error_set(error, RFD_E_MEMORY, ...) in the one form that needs no thought. */
rfd_status error_memory(struct rfd_error *error);

#if defined(__clang_analyzer__) && !defined(ERROR_IS_DEFINED_HERE)
/* What the analyser cannot see from the declarations: these never return RFD_OK. */
#define error_set(...)    (error_set(__VA_ARGS__), RFD_E_INTERNAL)
#define error_errno(...)  (error_errno(__VA_ARGS__), RFD_E_IO_READ)
#define error_wrap(...)   (error_wrap(__VA_ARGS__), RFD_E_INTERNAL)
#define error_memory(...) (error_memory(__VA_ARGS__), RFD_E_MEMORY)
#endif

/** Back to "no error". */
void error_clear(struct rfd_error *error);

/** `status = call; if it failed, return it`: for functions with nothing to release. */
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        rfd_status try_status_ = (call);                                                                               \
        if (try_status_ != RFD_OK) return try_status_;                                                                 \
    } while (0)

/** The same for functions with an `out:` label and a variable `status`. */
#define TRY_OUT(call)                                                                                                  \
    do {                                                                                                               \
        status = (call);                                                                                               \
        if (status != RFD_OK) goto out;                                                                                \
    } while (0)

#endif
