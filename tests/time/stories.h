/* SPDX-License-Identifier: EUPL-1.2
 *
 * The files of tests/time/stories: blocks of lines under "world NAME" or "story NAME". A line "use NAME" stands for the
 * lines of that world.
 */
#ifndef TESTS_TIME_STORIES_H
#define TESTS_TIME_STORIES_H

#include "base/buf.h"

/** Reads all files. Stops the program when one makes no sense. */
void stories_read(void);
void stories_free(void);
size_t stories_count(void);
/** The n-th story's name, zero-terminated, and its lines with all worlds put in (to be disposed of). */
const char *stories_name(size_t n);
struct buf stories_text(size_t n);

#endif
