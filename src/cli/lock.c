/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/lock.h"

#include "base/error.h"
#include "base/memory.h"

rfd_status lock_parse(const char *text, struct lock_fields *out, struct rfd_error *error)
{
    struct lock_fields lock = {0};
    size_t count = 1;
    if (text == NULL) return RFD_OK;
    if (strcmp(text, "all") == 0) {
        out->kind = RFD_LOCK_ALL;
        return RFD_OK;
    }
    lock.kind = *text == '!' ? RFD_LOCK_EXCLUDE : RFD_LOCK_INCLUDE;
    text += *text == '!';
    for (const char *at = text; *at != '\0'; at++) count += *at == ',';
    lock.text = memory_text(text);
    lock.list = memory_zeroed(count + 1, sizeof *lock.list);
    if (lock.text == NULL || lock.list == NULL) {
        lock_dispose(&lock);
        return error_memory(error);
    }
    size_t used = 0;
    for (char *name = lock.text; name != NULL;) {
        char *comma = strchr(name, ',');
        if (comma != NULL) *comma = '\0';
        if (*name != '\0') lock.list[used++] = name;
        name = comma == NULL ? NULL : comma + 1;
    }
    if (used == 0) {
        lock_dispose(&lock);
        return error_set(error, RFD_E_ARGUMENT, "--lock: no field named");
    }
    lock.names = lock.list;
    *out = lock;
    return RFD_OK;
}

void lock_dispose(struct lock_fields *lock)
{
    memory_free(lock->text);
    memory_free(lock->list);
    *lock = (struct lock_fields){0};
}
