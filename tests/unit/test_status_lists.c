/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the names of lists mean.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/status/lists.h"

static struct status_authority items[] = {
    {.id = 1, .name = {(const uint8_t *)"emisora", 7}, .partitions = 8},
    {.id = 2, .name = {(const uint8_t *)"emisora-1", 9}, .partitions = 8},
    {.id = 3,
     .name = {(const uint8_t *)"raiz", 4},
     .crl_file = {(const uint8_t *)"lista-{partition}.crl", 21},
     .delta_file = {(const uint8_t *)"cambios-{partition}-hoy.crl", 27},
     .partitions = 16},
    {.id = 4, .name = {(const uint8_t *)"otra", 4}, .crl_file = {(const uint8_t *)"unica.crl", 9}, .partitions = 1},
};
static const struct status_authorities authorities = {.items = items, .count = sizeof items / sizeof *items};

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        int64_t authority; /* 0: none */
        uint32_t partition;
        bool delta;
    } rows[] = {
        {"emisora.crl", 1, 0, false},
        {"emisora-7.crl", 1, 7, false},
        {"emisora-8.crl", 0, 0, false},
        {"emisora-delta.crl", 1, 0, true},
        {"emisora-3-delta.crl", 1, 3, true},
        {"emisora-1.crl", 2, 0, false}, /* its own name, not a partition of the other */
        {"emisora-1-1.crl", 2, 1, false},
        {"emisora-1-delta.crl", 2, 0, true},
        {"lista-0.crl", 3, 0, false},
        {"lista-15.crl", 3, 15, false},
        {"lista-16.crl", 0, 0, false},
        {"lista-.crl", 0, 0, false},
        {"lista--1.crl", 0, 0, false},
        {"lista-1.crl ", 0, 0, false},
        {"cambios-2-hoy.crl", 3, 2, true},
        {"cambios-2-ayer.crl", 0, 0, false},
        {"raiz-2.crl", 3, 2, false},
        {"unica.crl", 4, 0, false},
        {"otra.crl", 4, 0, false},
        {"otra-1.crl", 0, 0, false},
        {"emisora", 0, 0, false},
        {"emisora.crl.crl", 0, 0, false},
        {"emisora-18446744073709551616.crl", 0, 0, false},
        {".crl", 0, 0, false},
        {"", 0, 0, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct list_name name;
        bool found = list_name_parse(&authorities, slice_text(rows[i].file), &name);
        if (found != (rows[i].authority != 0)) fail_msg("%s", rows[i].file);
        if (!found) continue;
        if (name.authority->id != rows[i].authority || name.partition != rows[i].partition ||
            name.delta != rows[i].delta)
            fail_msg("%s is %lld, %u, %d", rows[i].file, (long long)name.authority->id, name.partition, name.delta);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
