/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "issue_desk.h"

#include <stdio.h>

struct issue_desk desk;
static struct identity agents, agent_one, agent_two; /* the agents' own authority, and two of its agents */
static int stores;

rfd_status desk_ask_as(enum keeper_sender sender, enum keeper_operation operation, struct buf *body,
                       struct message_reader *fields)
{
    return issue_ask_as(&desk.keeper, sender, operation, body, fields);
}

int desk_set(void **state)
{
    char path[256];
    (void)state;
    desk = (struct issue_desk){.now = clock_now() / RFD_SECOND * RFD_SECOND};
    clock_fix(desk.now);
    struct buf *const bufs[] = {&desk.body, &desk.spki, &desk.approval, &desk.second};
    for (size_t i = 0; i < 4; i++) buf_init(bufs[i], ISSUE_BODY);
    (void)snprintf(path, sizeof path, "%s-%d", folder_file("issue"), ++stores);
    issue_world_new(&desk.keeper, path);
    issue_ceremony(&desk.keeper.way, "P-256", 4);
    desk.authority = issue_certificate_of(&desk.keeper.way, "issuing-1");
    desk.agent = agent_one;
    desk.other = agent_two;
    issue_new_key(&desk.spki);
    assert_int_equal(issue_register(&desk.keeper.way, KEEPER_AGENT, "agent-1", desk.agent.certificate,
                                    "pe-natural-person,pe-legal-person-seal"),
                     RFD_OK);
    return 0;
}

int desk_clear(void **state)
{
    (void)state;
    issue_world_free(&desk.keeper);
    certificate_unref(desk.authority);
    struct buf *const bufs[] = {&desk.body, &desk.spki, &desk.approval, &desk.second};
    for (size_t i = 0; i < 4; i++) buf_dispose(bufs[i]);
    clock_fix(RFD_TIME_NONE);
    return 0;
}

void desk_reopen(void)
{
    assert_int_equal(issue_world_reopen(&desk.keeper), RFD_OK);
}

/* ---- Issuing ---- */

rfd_status desk_issue_for(slice spki, struct message_reader *fields)
{
    issue_put_request(&desk.body, spki, buf_slice(&desk.approval), buf_slice(&desk.second));
    return desk_ask_as(KEEPER_FROM_WEB, KEEPER_ISSUE, &desk.body, fields);
}

rfd_status desk_issue(struct message_reader *fields)
{
    return desk_issue_for(buf_slice(&desk.spki), fields);
}

rfd_status desk_issue_approved(const struct approval *a)
{
    struct message_reader r;
    buf_reset(&desk.approval);
    buf_reset(&desk.second);
    issue_sign(&desk.agent, a, &desk.approval);
    return desk_issue(&r);
}

struct desk_given desk_take_given(struct message_reader *r)
{
    struct desk_given g = {.length = 0};
    slice der = message_get_bytes(r, sizeof g.der);
    slice serial = message_get_bytes(r, sizeof g.serial);
    g.partition = message_get_u32(r);
    g.time = message_get_i64(r);
    g.repeated = message_get_u8(r) == 1;
    assert_int_equal(message_end(r, "certificate", NULL), RFD_OK);
    assert_int_equal(serial.length, 20);
    memcpy(g.der, der.data, der.length);
    g.length = der.length;
    memcpy(g.serial, serial.data, serial.length);
    return g;
}

struct approval desk_approval(unsigned number)
{
    return issue_approval(desk.authority, buf_slice(&desk.spki), number, desk.now);
}

int desk_open_room(void **state)
{
    (void)state;
    agents = identity_new("P-256", "Agents", NULL, NULL);
    agent_one = identity_new("P-256", "Agent one", &agents, NULL);
    agent_two = identity_new("RSA", "Agent two", &agents, NULL);
    return folder_new() == NULL;
}

int desk_close_room(void **state)
{
    (void)state;
    identity_free(&agent_one);
    identity_free(&agent_two);
    identity_free(&agents);
    folder_remove();
    return 0;
}
