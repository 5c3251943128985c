/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper_support.h"

#include "base/clock.h"
#include "pki/issue/issue.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

enum { CHEAP_KIBIBYTES = 64, WORD = 32, DAY = 24 * 3600 };

struct keeper_world world;

static rfd_status record(void *context, const struct keeper_event *event, struct rfd_error *error)
{
    (void)context;
    (void)error;
    world.events++;
    world.last = *event;
    (void)snprintf(world.detail, sizeof world.detail, "%s", event->detail);
    return RFD_OK;
}

static void open_keeper(void)
{
    assert_int_equal(keystore_files_open(world.path, &world.master, &world.store, NULL), RFD_OK);
    assert_int_equal(keeper_new(&world.store, NULL, record, NULL, &world.keeper, NULL), RFD_OK);
}

static void close_keeper(void)
{
    keeper_free(world.keeper);
    world.keeper = NULL;
    keystore_close(&world.store);
}

int world_setup(void **state)
{
    static int stores;
    (void)state;
    world = (struct keeper_world){.authority = identity_new("P-256", "Test CA", NULL, NULL)};
    assert_int_equal(master_from_secret(MASTER_PASSPHRASE, SLICE("m"), &world.master, NULL), RFD_OK);
    world.master.passes = 1;
    world.master.kibibytes = CHEAP_KIBIBYTES;
    (void)snprintf(world.path, sizeof world.path, "%s-%d", folder_file("store"), ++stores);
    assert_int_equal(keystore_files_init(world.path, &world.master, NULL), RFD_OK);
    buf_init(&world.answer, KEEPER_BODY);
    open_keeper();
    return 0;
}

int world_teardown(void **state)
{
    (void)state;
    close_keeper();
    master_dispose(&world.master);
    identity_free(&world.authority);
    buf_dispose(&world.answer);
    return 0;
}

void world_reopen(void)
{
    close_keeper();
    open_keeper();
}

rfd_status world_ask(enum keeper_sender sender, enum keeper_operation operation, struct buf *body,
                     struct message_reader *fields)
{
    struct keeper_session session = {.sender = sender, .greeted = true};
    const struct message m = {.type = (uint16_t)operation, .body = buf_slice(body)};
    size_t events = world.events;
    buf_reset(&world.answer);
    assert_int_equal(keeper_handle(world.keeper, &session, &m, &world.answer, NULL), RFD_OK);
    assert_int_equal(world.events, events + 1); /* nothing happens unrecorded */
    buf_reset(body);
    struct message_reader r = message_read(buf_slice(&world.answer));
    rfd_status status = (rfd_status)message_get_u32(&r);
    assert_int_equal(status, world.last.status);
    if (fields != NULL) *fields = r;
    return status;
}

rfd_status world_create(const char *name, const char *purpose, const char *algorithm)
{
    struct buf b;
    buf_init(&b, KEEPER_BODY);
    message_put_text(&b, name);
    message_put_text(&b, purpose);
    message_put_text(&b, algorithm);
    message_put_bytes(&b, SLICE_EMPTY);
    message_put_u32(&b, 0);
    message_put_bytes(&b, SLICE_EMPTY);
    message_put_u32(&b, 0);
    rfd_status status = world_ask(KEEPER_FROM_ADMIN, KEEPER_CREATE_KEY, &b, NULL);
    buf_dispose(&b);
    return status;
}

void world_public_key(const char *name, slice *spki, slice *certificate)
{
    struct message_reader r;
    struct buf b;
    buf_init(&b, KEEPER_BODY);
    message_put_text(&b, name);
    assert_int_equal(world_ask(KEEPER_FROM_WEB, KEEPER_PUBLIC_KEY, &b, &r), RFD_OK);
    (void)message_get_text(&r, WORD);
    (void)message_get_text(&r, WORD);
    (void)message_get_i64(&r);
    *spki = message_get_bytes(&r, KEEPER_BODY);
    *certificate = message_get_bytes(&r, KEEPER_BODY);
    buf_dispose(&b);
}

static void issue_for(const char *name, slice spki, struct buf *der)
{
    static const uint8_t serial[] = {1, 2, 3};
    const struct issue_name_part parts[] = {{OID_COMMON_NAME, name}};
    const struct identity *by = &world.authority;
    struct issuer issuer = {.key = by->key, .name = by->certificate->subject};
    struct buf subject;
    buf_init(&subject, KEEPER_BODY);
    issue_put_name(&subject, parts, 1);
    signature_pool_init(&issuer.pool);
    assert_int_equal(signature_algorithm_choose(by->certificate, DIGEST_NONE, false, &issuer.algorithm, NULL), RFD_OK);
    const struct issue_request request = {.serial = slice_of(serial, sizeof serial),
                                          .subject = buf_slice(&subject),
                                          .spki = spki,
                                          .not_before = clock_now() - RFD_SECOND,
                                          .not_after = clock_now() + DAY * RFD_SECOND};
    assert_int_equal(issue_certificate(&issuer, &request, der, NULL), RFD_OK);
    signature_pool_dispose(&issuer.pool);
    buf_dispose(&subject);
}

const struct certificate *world_certify(const char *name)
{
    const struct certificate *made = NULL;
    struct buf body, der;
    slice spki, none;
    buf_init(&body, KEEPER_BODY);
    buf_init(&der, KEEPER_BODY);
    world_public_key(name, &spki, &none);
    issue_for(name, spki, &der);
    message_put_text(&body, name);
    message_put_bytes(&body, buf_slice(&der));
    assert_int_equal(world_ask(KEEPER_FROM_ADMIN, KEEPER_CERTIFY_KEY, &body, NULL), RFD_OK);
    assert_int_equal(certificate_parse(buf_slice(&der), &made, NULL), RFD_OK);
    buf_dispose(&body);
    buf_dispose(&der);
    return made;
}
