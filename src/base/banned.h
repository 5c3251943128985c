/* SPDX-License-Identifier: EUPL-1.2
 *
 * Functions that have no safe use here; naming one is a compile error. Included before every file by the build, so
 * the standard headers that declare them are included first.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A library's header that names one of these in a macro of its own has to come first. */
#ifdef BANNED_AFTER
#include BANNED_AFTER
#endif

/* Some libraries make macros of these. */
#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gets
#pragma GCC poison atoi atol atoll atof strtol strtoul strtoll strtoull
#pragma GCC poison gmtime localtime asctime ctime mktime
#pragma GCC poison system popen tmpnam tempnam mktemp

#endif
