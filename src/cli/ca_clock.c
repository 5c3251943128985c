/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda ca clock: people's keys are used again after a clock that had gone ahead was set right.
 */
#include "base/clock.h"
#include "base/error.h"
#include "cli/ca.h"
#include "personal/protocol.h"

static rfd_status tell_time(struct ca_home *home, rfd_time time, uint32_t *count, struct rfd_error *error)
{
    enum { PATIENCE = 600 * 1000, BODY = 16 };
    struct keeper_reply reply = {0};
    struct buf b;
    if (home->personal == NULL) return error_set(error, RFD_E_STATE, "this instance has no personal keeper");
    buf_init(&b, BODY);
    message_put_i64(&b, time);
    rfd_status status = buf_check(&b, "time", error);
    if (status == RFD_OK)
        status = keeper_client_ask(home->personal, PERSONAL_SET_CLOCK, buf_slice(&b), -1, PATIENCE, &reply, error);
    if (status == RFD_OK) *count = message_get_u32(&reply.fields);
    if (status == RFD_OK) status = message_end(&reply.fields, "clock", error);
    keeper_reply_dispose(&reply);
    buf_dispose(&b);
    return status;
}

int ca_clock(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home = {.live = false};
    rfd_time time;
    uint32_t count = 0;
    if (a->operand_count != 1 || !clock_parse_iso(slice_text(a->operands[0]), &time)) {
        message_error("%s", tr(N_("The command line is wrong.")));
        message_hint(tr(N_("See refrenda %s --help")), "ca clock");
        return EXIT_USAGE;
    }
    if (!ca_confirm(a, tr(N_("Is that the time, by another clock than this machine's?")))) return 1;
    rfd_status status = ca_home_open(a, CA_HOME_PERSONAL, &home, &error);
    if (status == RFD_OK) status = tell_time(&home, time, &count, &error);
    if (status == RFD_OK && !a->quiet)
        (void)printf("%s: %u\n", tr(N_("Credentials whose times were ahead")), (unsigned)count);
    ca_home_close(&home);
    return status == RFD_OK ? 0 : ca_exit(NULL, &error);
}
