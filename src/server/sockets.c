/* SPDX-License-Identifier: EUPL-1.2 */
#include "server/sockets.h"

#include "base/error.h"
#include "http/address.h"
#include "ipc/supervisor_systemd.h"
#include "server/board.h"
#include "server/role.h"
#include "server/role_table.h"

#include <unistd.h>

/* Names of sockets, which are those of sections, and the role that gets them. */
static const struct {
    const char *name, *role;
} services[] = {{"status", ROLE_STATUS},
                {SOCKET_REGISTRATION, ROLE_WEB},
                {SOCKET_WEB, ROLE_WEB},
                {SOCKET_CERTIFICATES, ROLE_WEB},
                {"metrics", ROLE_WORKER}};
enum { SERVICES = sizeof services / sizeof *services };

void sockets_add(struct sockets *sockets, const char *role, const char *name, int descriptor)
{
    if (sockets->count < SOCKETS_MAXIMUM)
        sockets->items[sockets->count++] = (struct supervisor_listener){role, name, descriptor};
}

static rfd_status take_passed(struct sockets *sockets, struct rfd_error *error)
{
    struct systemd_socket passed[ROLE_LISTENERS];
    size_t count = 0;
    TRY(systemd_sockets(passed, ROLE_LISTENERS, &count, error));
    for (size_t i = 0; i < count; i++) {
        size_t s = 0;
        while (s < SERVICES && strcmp(services[s].name, passed[i].name) != 0) s++;
        if (s == SERVICES)
            return error_set(
                error, RFD_E_ARGUMENT,
                "systemd passed a socket named \"%s\"; FileDescriptorName= has to be status, registration, "
                "web, web-certificates or metrics",
                passed[i].name);
        sockets_add(sockets, services[s].role, services[s].name, passed[i].descriptor);
    }
    return RFD_OK;
}

static rfd_status listen_on(struct sockets *sockets, size_t service, const char *address, struct rfd_error *error)
{
    int fd = -1;
    rfd_status status = http_address_listen(address, SOCKETS_BACKLOG, &fd, error);
    if (status != RFD_OK) return error_wrap(error, status, "%s.listen: %s", services[service].name, address);
    sockets_add(sockets, services[service].role, services[service].name, fd);
    return RFD_OK;
}

static bool has(const struct sockets *sockets, const char *name)
{
    for (size_t i = 0; i < sockets->count; i++)
        if (strcmp(sockets->items[i].name, name) == 0) return true;
    return false;
}

/** They ask of the settings what addresses of the settings do. */
static rfd_status check_passed(const struct settings *s, const struct sockets *passed, struct rfd_error *error)
{
    const struct settings_served served = {
        .registration = s->registration.listen.count > 0 || has(passed, SOCKET_REGISTRATION),
        .web = s->web.listen.count > 0 || has(passed, SOCKET_WEB),
        .certificates = s->web.certificate_listen.count > 0 || has(passed, SOCKET_CERTIFICATES),
        .by_systemd = has(passed, SOCKET_WEB) || has(passed, SOCKET_CERTIFICATES)};
    return passed->count == 0 ? RFD_OK : settings_check_served(s, &served, error);
}

rfd_status sockets_open(const struct settings *settings, struct sockets *out, struct rfd_error *error)
{
    const struct settings_list metrics = {{settings->metrics.listen}, settings->metrics.listen[0] != '\0'};
    const struct settings_list *lists[SERVICES] = {&settings->status.listen, &settings->registration.listen,
                                                   &settings->web.listen, &settings->web.certificate_listen, &metrics};
    struct sockets sockets = {.count = 0};
    rfd_status status = take_passed(&sockets, error);
    if (status == RFD_OK) status = check_passed(settings, &sockets, error);
    for (size_t s = 0; s < SERVICES && status == RFD_OK; s++) {
        for (unsigned i = 0; i < lists[s]->count && status == RFD_OK; i++)
            status = listen_on(&sockets, s, lists[s]->items[i], error);
    }
    if (status != RFD_OK)
        sockets_close(&sockets);
    else
        *out = sockets;
    return status;
}

unsigned sockets_count(const struct sockets *sockets, const char *role)
{
    unsigned count = 0;
    for (size_t i = 0; i < sockets->count; i++) {
        const struct supervisor_listener *l = &sockets->items[i];
        count += strcmp(l->role, role) == 0 && strcmp(l->name, BOARD_NAME) != 0;
    }
    return count;
}

void sockets_close(struct sockets *sockets)
{
    for (size_t i = 0; i < sockets->count; i++) (void)close(sockets->items[i].descriptor);
    sockets->count = 0;
}
