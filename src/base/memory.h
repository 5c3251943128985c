/* SPDX-License-Identifier: EUPL-1.2
 *
 * All heap memory of the library comes from here, so that one place can count it and tests can make the n-th
 * allocation fail. Nothing here sets an error: callers say error_memory().
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/** Never returns memory for size 0 that may not be freed; NULL means there is none. */
void *memory_allocate(size_t size) __attribute__((malloc, warn_unused_result));
void *memory_zeroed(size_t count, size_t size) __attribute__((warn_unused_result));
void *memory_resize(void *old, size_t size) __attribute__((warn_unused_result));
void *memory_copy(const void *from, size_t size) __attribute__((warn_unused_result));
char *memory_text(const char *text) __attribute__((warn_unused_result));
void memory_free(void *memory);
/** Overwrites all of it first: for libraries that hold secrets and take functions for their memory. */
void memory_wipe_and_free(void *memory);

/** For z_stream.zalloc and zfree of zlib. */
void *memory_zalloc(void *opaque, unsigned count, unsigned size);
void memory_zfree(void *opaque, void *memory);

/** Test hook: the n-th allocation from now (1 = next) and all after it fail; 0 switches off. Returns allocations seen
 * since the last call. Not thread-safe; tests only. */
unsigned long memory_fail_after(unsigned long n);
/** The same, but only the n-th fails: finds failures that nobody looked at. */
unsigned long memory_fail_once(unsigned long n);

#endif
