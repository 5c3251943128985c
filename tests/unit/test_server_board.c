/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/metrics.h"
#include "base_support.h"
#include "server/board.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t times(const struct buf *b, const char *text)
{
    size_t count = 0;
    for (const char *at = strstr((const char *)b->data, text); at != NULL; at = strstr(at + 1, text)) count++;
    return count;
}

static void collect(const struct board_slot *slots, struct buf *out)
{
    buf_init(out, BOARD_METRICS_MAXIMUM);
    board_collect(slots, out);
    buf_put_byte(out, '\0');
    assert_int_equal(buf_status(out), RFD_OK);
}

static struct board_slot *new_board(int *descriptor)
{
    struct board_slot *slots = NULL;
    assert_int_equal(board_make(descriptor, NULL), RFD_OK);
    assert_int_equal(board_map(*descriptor, &slots, NULL), RFD_OK);
    return slots;
}

static void test_processes_are_joined_by_family(void **state)
{
    (void)state;
    struct buf b;
    int fd = -1;
    struct board_slot *slots = new_board(&fd);
    collect(slots, &b);
    assert_string_equal((char *)b.data, "# EOF\n");
    buf_dispose(&b);
    metrics_add(METRIC_ISSUED, 7);
    board_publish(slots, 0, "status-0");
    board_publish(slots, 2, "web-0");
    board_publish(slots, BOARD_SLOTS, "nobody");
    collect(slots, &b);
    assert_int_equal(times(&b, "# TYPE refrenda_certificates_issued counter\n"), 1);
    assert_int_equal(times(&b, "# HELP refrenda_certificates_issued "), 1);
    assert_int_equal(times(&b, "refrenda_certificates_issued_total{process=\"status-0\"} 7\n"), 1);
    assert_int_equal(times(&b, "refrenda_certificates_issued_total{process=\"web-0\"} 7\n"), 1);
    assert_int_equal(times(&b, "# EOF\n"), 1);
    assert_int_equal(times(&b, "nobody"), 0);
    /* Samples of a family stand together. */
    const char *first = strstr((char *)b.data, "issued_total{process=\"status-0\"}");
    const char *second = strstr((char *)b.data, "issued_total{process=\"web-0\"}");
    assert_true(second > first && memchr(first, '#', (size_t)(second - first)) == NULL);
    buf_dispose(&b);
    /* A gauge is told by those who set it. */
    metrics_set(METRIC_LOG_SIZE, 5);
    board_publish(slots, 2, "web-0");
    collect(slots, &b);
    assert_int_equal(times(&b, "# TYPE refrenda_log_size gauge\n"), 1);
    assert_int_equal(times(&b, "refrenda_log_size{"), 1);
    assert_int_equal(times(&b, "refrenda_log_size{process=\"web-0\"} 5\n"), 1);
    assert_int_equal(times(&b, "# TYPE refrenda_http_requests counter\n"), 1);
    buf_dispose(&b);
    board_unmap(slots);
    (void)close(fd);
}

static void test_size_is_sealed(void **state)
{
    (void)state;
    int fd = -1;
    struct board_slot *slots = new_board(&fd);
    assert_int_not_equal(ftruncate(fd, 0), 0);
    assert_int_not_equal(ftruncate(fd, 1 << 30), 0);
    board_unmap(slots);
    (void)close(fd);
}

/** Whatever a process writes there, reading ends and stays in bounds. */
static void test_hostile_slots(void **state)
{
    (void)state;
    struct buf b;
    int fd = -1;
    uint64_t random = 4711;
    struct board_slot *slots = new_board(&fd);
    uint8_t *bytes = (uint8_t *)slots;
    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < 64; i++) bytes[i] = (uint8_t)next_random(&random);
        if (round % 2 == 0) bytes[0] &= 0xfe;
        bytes[6] = 0;
        bytes[7] = 0;
        for (size_t i = 8; i < 4096; i++) bytes[i] = (uint8_t) "\n# TYPEHLabc{}\"="[next_random(&random) % 16];
        collect(slots, &b);
        buf_dispose(&b);
    }
    board_unmap(slots);
    (void)close(fd);
}

/** A process that dies while it writes leaves its slot unread, until it writes again. */
static void test_writer_that_died(void **state)
{
    (void)state;
    struct buf b;
    int fd = -1;
    struct board_slot *slots = new_board(&fd);
    board_publish(slots, 0, "status-0");
    *(uint32_t *)slots |= 1;
    collect(slots, &b);
    assert_int_equal(times(&b, "status-0"), 0);
    buf_dispose(&b);
    board_publish(slots, 0, "status-0");
    collect(slots, &b);
    assert_true(times(&b, "status-0") > 0);
    buf_dispose(&b);
    board_unmap(slots);
    (void)close(fd);
}

/** Read over and over while another process writes: never half a text. */
static void test_read_while_written(void **state)
{
    (void)state;
    enum { ROUNDS = 300 };
    struct buf b;
    int fd = -1;
    struct board_slot *slots = new_board(&fd);
    board_publish(slots, 0, "status-0");
    collect(slots, &b);
    size_t families_of_all = times(&b, "# TYPE ");
    buf_dispose(&b);
    pid_t writer = fork();
    assert_true(writer >= 0);
    if (writer == 0) {
        for (;;) board_publish(slots, 0, "status-0");
    }
    for (int i = 0; i < ROUNDS; i++) {
        collect(slots, &b);
        size_t families = times(&b, "# TYPE ");
        assert_true(families == 0 || families == families_of_all);
        buf_dispose(&b);
    }
    (void)kill(writer, SIGKILL);
    (void)waitpid(writer, NULL, 0);
    board_unmap(slots);
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_processes_are_joined_by_family),
        cmocka_unit_test(test_size_is_sealed),
        cmocka_unit_test(test_hostile_slots),
        cmocka_unit_test(test_writer_that_died),
        cmocka_unit_test(test_read_while_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
