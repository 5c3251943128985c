/* SPDX-License-Identifier: EUPL-1.2
 *
 * A folder of its own for each test program, and plain file work in it, for the tests of the base floor. A failure of
 * the file work itself fails the test.
 */
#ifndef TESTS_BASE_SUPPORT_H
#define TESTS_BASE_SUPPORT_H

#include "base/slice.h"

#include <sys/types.h>

/** For cmocka_run_group_tests: makes the folder and makes it the current one; removes it with all it holds. */
int folder_setup(void **state);
int folder_teardown(void **state);

/** Writes a whole file, replacing one that exists. */
void file_write(const char *path, slice bytes);
bool file_exists(const char *path);
/** Its length, or -1. */
int64_t file_length(const char *path);
bool file_is(const char *path, slice bytes);
/** How many entries the folder has. */
size_t folder_count(const char *path);

/** Runs `work` in a child process; returns what waitpid() said. */
typedef int child_work(void *context);
int in_child(child_work *work, void *context);
/** From now on no file of this process grows past `bytes`: writing says EFBIG. For use in a child. */
void limit_file_size(uint64_t bytes);

/** A repeatable sequence of numbers (xorshift64*); `state` must not be 0. */
uint64_t next_random(uint64_t *state);

#endif
