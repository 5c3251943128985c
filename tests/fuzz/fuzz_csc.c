/* SPDX-License-Identifier: EUPL-1.2
 *
 * The JSON of the CSC API: each method's parameters, and of those that sign and authorise the whole of what is read
 * before anybody is asked. The first octet says which method.
 */
#include "web/csc/api.h"
#include "web/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct csc_method *choose(uint8_t number, unsigned *version)
{
    *version = number % 2 + 1;
    const struct csc_method *all = *version == 1 ? csc_methods_v1 : csc_methods_v2;
    size_t count = 0;
    while (all[count].name != NULL) count++;
    return &all[number / 2 % count];
}

/** Those that go on without a database and a keeper: nothing is authorised, and explicit mode is off. */
static bool is_quiet(const struct csc_method *m)
{
    return m->handler == csc_sign_hash || m->handler == csc_sign_document || m->handler == csc_extend ||
           m->handler == csc_authorize_v1 || m->handler == csc_authorize_v2;
}

static void run(struct csc_call *call)
{
    struct rfd_error error = RFD_ERROR_INIT;
    if (csc_check_parameters(call, &error) != RFD_OK || !is_quiet(call->method)) return;
    if (call->method->handler(call, &error) == RFD_OK) __builtin_trap(); /* nothing was authorised */
    if (call->refused.status == 0 && error.code != RFD_E_MEMORY && error.code != RFD_E_LIMIT) __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct settings settings = {.status = {.url = "", .tsa_key = ""}, .requests = {.tsa_url = ""}};
    struct arena arena;
    static struct web web; /* without a database: what is not refused before it is asked is a fault */
    if (size == 0 || (web.csc_known == NULL && csc_known_new(&web.csc_known, NULL) != RFD_OK)) return 0;
    arena_init(&arena, 16 << 20);
    struct page page = {.web = &web, .arena = &arena};
    struct csc_call call = {.page = &page,
                            .central = {.settings = &settings},
                            .token = {.kind = CSC_TOKEN_CREDENTIAL},
                            .sad = {.kind = CSC_TOKEN_CREDENTIAL, .digest = DIGEST_SHA256, .documents = data[0] >= 128},
                            .has_sad = true,
                            .key_known = true,
                            .key_in_force = true,
                            .key = {.not_after = INT64_MAX, .rsa = data[0] % 3 == 0}};
    call.method = choose(data[0], &call.version);
    call.body = csc_read_body(slice_of(data + 1, size - 1));
    call.token.credential = call.sad.credential = csc_text(&call, "credentialID");
    if (call.body != NULL) run(&call);
    json_decref(call.body);
    arena_dispose(&arena);
    return 0;
}
