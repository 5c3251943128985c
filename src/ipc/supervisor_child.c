/* SPDX-License-Identifier: EUPL-1.2 */
#include "ipc/supervisor_child.h"

#include "base/error.h"
#include "base/number.h"
#include "ipc/supervisor_internal.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { ARGUMENTS = 4, FAILED = 70 /* EX_SOFTWARE of sysexits.h */ };

bool supervised_is_child(int argc, char *const *argv)
{
    return argc == ARGUMENTS && strcmp(argv[1], CONTROL_ARGUMENT) == 0;
}

static const struct supervised_role *find_role(const struct supervised_role *roles, const char *name)
{
    while (roles->name != NULL && strcmp(roles->name, name) != 0) roles++;
    return roles->name == NULL ? NULL : roles;
}

int supervised_main(int argc, char *const *argv, const struct supervised_role *roles, void *context)
{
    uint64_t index = 0;
    struct channel_options options = {
        .maximum = CONTROL_MAXIMUM, .backlog = CONTROL_BACKLOG, .flags = CHANNEL_DESCRIPTORS};
    if (!supervised_is_child(argc, argv)) return FAILED;
    const struct supervised_role *role = find_role(roles, argv[2]);
    if (role == NULL || !number_unsigned(slice_text(argv[3]), role->count - 1, &index)) return FAILED;
    struct supervised self = {.role = role->name, .index = (unsigned)index, .context = context};
    if (fcntl(CONTROL_DESCRIPTOR, F_SETFD, FD_CLOEXEC) != 0) return FAILED;
    if (channel_new(CONTROL_DESCRIPTOR, &options, &self.control, NULL) != RFD_OK) return FAILED;
    (void)prctl(PR_SET_NAME, role->name); /* in ps and top; else it is the number of a descriptor */
    (void)signal(SIGPIPE, SIG_IGN);
    int result = role->run(&self);
    channel_free(self.control);
    return result;
}

rfd_status supervised_ready(struct supervised *self, struct rfd_error *error)
{
    (void)malloc_trim(0); /* what starting took and gave back is not needed again */
    return channel_send(self->control, CONTROL_READY, 0, SLICE_EMPTY, NULL, 0, error);
}

rfd_status supervised_read(struct message *message, struct supervised_news *out, struct rfd_error *error)
{
    struct message_reader r = message_read(message->body);
    slice name = message_get_text(&r, SUPERVISED_NAME_SIZE - 1);
    uint32_t index = message_get_u32(&r);
    TRY(message_end(&r, "control message", error));
    bool known = message->type == CONTROL_PEER || message->type == CONTROL_LISTENER;
    if (!known || message->descriptor_count != 1)
        return error_set(error, RFD_E_PROTOCOL, "control message of type %u", message->type);
    struct supervised_news news = {.kind = message->type == CONTROL_PEER ? SUPERVISED_PEER : SUPERVISED_LISTENER,
                                   .index = index,
                                   .descriptor = message->descriptors[0]};
    memcpy(news.name, name.data, name.length);
    message->descriptors[0] = -1;
    *out = news;
    return RFD_OK;
}
