/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "identity_world.h"

#include "base/number.h"
#include "ipc/channel.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAIT = 60000, STEP = 20, PATH_SIZE = 256, ARENA = 1 << 16 };

/* ---- The service ---- */

const char *identity_file(const struct identity_service *s, const char *name, char text[IDENTITY_TEXT_SIZE])
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/%s", s->folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, IDENTITY_TEXT_SIZE - 1);
    if (fd >= 0) (void)close(fd);
    text[got < 0 ? 0 : got] = '\0';
    return text;
}

void identity_start(struct identity_service *s, bool tls)
{
    static unsigned number;
    char text[IDENTITY_TEXT_SIZE];
    uint64_t port = 0;
    *s = (struct identity_service){.pid = 0};
    (void)snprintf(s->folder, sizeof s->folder, "identity-%u", number++);
    assert_int_equal(mkdir(s->folder, 0700), 0);
    s->pid = fork();
    assert_true(s->pid >= 0);
    if (s->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        (void)execl(IDENTITY_SERVICE, IDENTITY_SERVICE, s->folder, tls ? "tls" : NULL, (char *)NULL);
        _exit(9);
    }
    for (int i = 0; i < WAIT / STEP; i++) {
        if (number_unsigned(slice_text(identity_file(s, "port", text)), 65535, &port)) break;
        assert_int_equal(waitpid(s->pid, NULL, WNOHANG), 0);
        (void)usleep(STEP * 1000);
    }
    assert_true(port > 0);
    (void)snprintf(s->address, sizeof s->address, "%s:%u/personas", tls ? "https://localhost" : "http://127.0.0.1",
                   (unsigned)port);
}

void identity_stop(const struct identity_service *s)
{
    (void)kill(s->pid, SIGTERM);
    (void)waitpid(s->pid, NULL, 0);
}

size_t identity_asked(const struct identity_service *s)
{
    char text[IDENTITY_TEXT_SIZE];
    size_t lines = 0;
    for (const char *c = identity_file(s, "asked", text); *c != '\0'; c++) lines += *c == '\n';
    return lines;
}

/* ---- Both sides ---- */

static void *run(void *context)
{
    identity_lookup_run(context);
    return NULL;
}

void identity_pair_open(struct identity_pair *p, const char *address, const char *token, slice authorities)
{
    int fds[2];
    *p = (struct identity_pair){.settings = {.requests = {.identity_service = address}}};
    arena_init(&p->arena, ARENA);
    assert_int_equal(identity_lookup_new(&p->settings, slice_text(token), authorities, NULL, &p->lookup, NULL), RFD_OK);
    assert_int_equal(pthread_create(&p->thread, NULL, run, p->lookup), 0);
    assert_int_equal(identity_client_new(&p->client, NULL), RFD_OK);
    assert_int_equal(channel_pair(fds, NULL), RFD_OK);
    assert_int_equal(identity_lookup_connect(p->lookup, fds[0], NULL), RFD_OK);
    assert_int_equal(identity_client_connect(p->client, fds[1], NULL), RFD_OK);
}

void identity_pair_close(struct identity_pair *p)
{
    identity_lookup_stop(p->lookup);
    (void)pthread_join(p->thread, NULL);
    identity_lookup_free(p->lookup);
    identity_client_free(p->client);
    arena_dispose(&p->arena);
}
