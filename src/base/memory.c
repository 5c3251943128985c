/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/memory.h"

#include "base/secret.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static unsigned long fail_at;
static unsigned long seen;
static bool counting;
static bool once;

static bool denied(void)
{
    if (!counting) return false;
    seen++;
    return fail_at != 0 && (once ? seen == fail_at : seen >= fail_at);
}

unsigned long memory_fail_after(unsigned long n)
{
    unsigned long before = seen;
    fail_at = n;
    seen = 0;
    counting = true;
    once = false;
    return before;
}

unsigned long memory_fail_once(unsigned long n)
{
    unsigned long before = memory_fail_after(n);
    once = true;
    return before;
}

void *memory_allocate(size_t size)
{
    return denied() ? NULL : malloc(size == 0 ? 1 : size);
}

void *memory_zeroed(size_t count, size_t size)
{
    return denied() ? NULL : calloc(count == 0 ? 1 : count, size == 0 ? 1 : size);
}

void *memory_resize(void *old, size_t size)
{
    return denied() ? NULL : realloc(old, size == 0 ? 1 : size);
}

void *memory_copy(const void *from, size_t size)
{
    void *copy = memory_allocate(size);
    if (copy != NULL && size > 0) memcpy(copy, from, size);
    return copy;
}

char *memory_text(const char *text)
{
    return memory_copy(text, strlen(text) + 1);
}

void memory_free(void *memory)
{
    free(memory);
}

void memory_wipe_and_free(void *memory)
{
    if (memory == NULL) return;
    secret_wipe(memory, malloc_usable_size(memory));
    free(memory);
}

void *memory_zalloc(void *opaque, unsigned count, unsigned size)
{
    (void)opaque;
    return memory_allocate((size_t)count * size);
}

void memory_zfree(void *opaque, void *memory)
{
    (void)opaque;
    memory_free(memory);
}
