/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/postgresql_link.h"

#include <poll.h>
#include <sys/socket.h>
#include <time.h>

enum { MILLISECONDS = 1000 };

/* Before the address, whose own options win (libpq: PQconnectdbParams, expand_dbname). A machine without power answers
 * nothing: the kernel gives up what was sent and not confirmed after tcp_user_timeout milliseconds, and an idle link
 * after keepalives_idle + keepalives_interval × keepalives_count seconds. */
static const char *const names[] = {"connect_timeout",  "keepalives",       "keepalives_idle", "keepalives_interval",
                                    "keepalives_count", "tcp_user_timeout", "dbname",          NULL};

PGconn *link_connect(const char *address, PQnoticeReceiver notice, void *context)
{
    const char *const values[] = {"5", "1", "10", "5", "3", "15000", address, NULL};
    _Static_assert(sizeof values / sizeof *values == sizeof names / sizeof *names, "a value for each name");
    PGconn *link = PQconnectdbParams(names, values, 1);
    if (link != NULL) (void)PQsetNoticeReceiver(link, notice, context);
    return link;
}

static int64_t clock_milliseconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MILLISECONDS + now.tv_nsec / 1000000;
}

/** Until there is something to read; false after `seconds`. A signal does not make it longer. */
static bool wait_readable(PGconn *link, unsigned seconds)
{
    int64_t until = clock_milliseconds() + (int64_t)seconds * MILLISECONDS;
    for (;;) {
        struct pollfd p = {.fd = PQsocket(link), .events = POLLIN};
        int64_t left = until - clock_milliseconds();
        if (p.fd < 0) return true; /* broken: whoever reads is told */
        if (left <= 0) return false;
        if (poll(&p, 1, (int)left) > 0) return true;
    }
}

PGresult *link_result(PGconn *link, unsigned seconds)
{
    while (PQisBusy(link)) {
        if (!wait_readable(link, seconds)) (void)shutdown(PQsocket(link), SHUT_RDWR);
        if (PQconsumeInput(link) == 0) break;
    }
    return PQgetResult(link);
}

PGresult *link_finish(PGconn *link, unsigned seconds)
{
    PGresult *kept = NULL;
    for (PGresult *r; (r = link_result(link, seconds)) != NULL;) {
        ExecStatusType status = kept == NULL ? PGRES_COMMAND_OK : PQresultStatus(kept);
        bool failed = status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK;
        PQclear(failed ? r : kept);
        if (!failed) kept = r;
    }
    return kept;
}

PGresult *link_run(PGconn *link, const char *sql, unsigned seconds)
{
    return PQsendQuery(link, sql) == 1 ? link_finish(link, seconds) : NULL;
}
