/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/token_helper.h"

#include "base/error.h"
#include "ipc/channel_server.h"
#include "ipc/sandbox.h"
#include "keeper/token_keys.h"
#include "keeper/token_sandbox.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLIENTS = 32, WORD = 32, READY = 1, PIN_MAXIMUM = 1024 };

struct helper {
    struct supervised *self; /* NULL for one without a supervisor */
    struct token_keys keys;
    struct channel_server *server;
    bool over;
    bool lost; /* the token */
};

/* ---- Questions ---- */

typedef rfd_status helper_work(struct helper *h, struct message_reader *r, struct buf *answer, struct rfd_error *error);

static rfd_status generate(struct helper *h, struct message_reader *r, struct buf *answer, struct rfd_error *error)
{
    struct buf spki;
    slice id = message_get_bytes(r, TOKEN_ID_MAXIMUM);
    slice label = message_get_text(r, TOKEN_ID_MAXIMUM - 1);
    slice algorithm = message_get_text(r, WORD);
    TRY(message_end(r, "generate", error));
    buf_init(&spki, TOKEN_SPKI_MAXIMUM);
    rfd_status status = token_keys_generate(&h->keys, id, label, key_algorithm_from_name(algorithm), &spki, error);
    message_put_bytes(answer, buf_slice(&spki));
    buf_dispose(&spki);
    return status;
}

static rfd_status public_key(struct helper *h, struct message_reader *r, struct buf *answer, struct rfd_error *error)
{
    struct buf spki;
    slice id = message_get_bytes(r, TOKEN_ID_MAXIMUM);
    TRY(message_end(r, "public-key", error));
    buf_init(&spki, TOKEN_SPKI_MAXIMUM);
    rfd_status status = token_keys_public(&h->keys, id, &spki, error);
    message_put_bytes(answer, buf_slice(&spki));
    buf_dispose(&spki);
    return status;
}

static rfd_status sign(struct helper *h, struct message_reader *r, struct buf *answer, struct rfd_error *error)
{
    static const struct {
        const char *name;
        enum signature_scheme scheme;
    } schemes[] = {{"ecdsa", SCHEME_ECDSA}, {"rsa", SCHEME_RSA_PKCS1}, {"ed25519", SCHEME_ED25519}};
    struct signature_algorithm a = {.scheme = SCHEME_NONE};
    struct buf signature;
    slice id = message_get_bytes(r, TOKEN_ID_MAXIMUM);
    slice scheme = message_get_text(r, WORD);
    a.digest = digest_from_name(message_get_text(r, WORD));
    slice digest = message_get_bytes(r, DIGEST_SIZE_MAXIMUM);
    slice message = message_get_bytes(r, TOKEN_INPUT_MAXIMUM);
    TRY(message_end(r, "sign", error));
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (slice_is(scheme, schemes[i].name)) a.scheme = schemes[i].scheme;
    }
    if (a.scheme != SCHEME_ED25519 && (a.digest == DIGEST_NONE || digest.length != digest_size(a.digest)))
        return error_set(error, RFD_E_ARGUMENT, "digest of %zu octets", digest.length);
    buf_init(&signature, TOKEN_SIGNATURE_MAXIMUM);
    rfd_status status = token_keys_sign(&h->keys, id, &a, message, digest, &signature, error);
    message_put_bytes(answer, buf_slice(&signature));
    buf_dispose(&signature);
    return status;
}

static rfd_status list(struct helper *h, struct message_reader *r, struct buf *answer, struct rfd_error *error)
{
    struct buf keys;
    uint32_t count = 0;
    TRY(message_end(r, "list", error));
    buf_init(&keys, TOKEN_MESSAGE_MAXIMUM / 2);
    rfd_status status = token_keys_list(&h->keys, &count, &keys, error);
    message_put_u32(answer, count);
    buf_put_slice(answer, buf_slice(&keys));
    buf_dispose(&keys);
    return status;
}

static const struct {
    enum token_question question;
    helper_work *work;
} rows[] = {{TOKEN_GENERATE, generate}, {TOKEN_PUBLIC_KEY, public_key}, {TOKEN_SIGN, sign}, {TOKEN_LIST, list}};

static helper_work *find_work(uint16_t type)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].question == type) return rows[i].work;
    }
    return NULL;
}

static rfd_status answer_question(struct helper *h, const struct message *m, struct buf *answer,
                                  struct rfd_error *error)
{
    struct rfd_error why = RFD_ERROR_INIT;
    struct message_reader r = message_read(m->body);
    helper_work *work = find_work(m->type);
    if (work == NULL) return error_set(error, RFD_E_PROTOCOL, "question %u", m->type);
    message_put_u32(answer, RFD_OK);
    rfd_status status = work(h, &r, answer, &why);
    if (status == RFD_OK) status = buf_check(answer, "answer", &why);
    if (status == RFD_OK) return RFD_OK;
    answer_put_refusal(answer, 0, &why);
    if (status != RFD_E_PROTOCOL && !token_keys_alive(&h->keys)) h->over = h->lost = true;
    return buf_check(answer, "answer", error);
}

/* ---- Channels ---- */

static rfd_status add_client(struct helper *h, int descriptor, struct rfd_error *error)
{
    const struct channel_options options = {.maximum = TOKEN_MESSAGE_MAXIMUM};
    struct channel *channel = NULL;
    rfd_status status = channel_new(descriptor, &options, &channel, error);
    if (status != RFD_OK) {
        (void)close(descriptor);
        return status;
    }
    status = channel_server_add(h->server, channel, NULL, error);
    if (status != RFD_OK) channel_free(channel);
    return status;
}

static rfd_status take_message(void *context, void *peer, struct channel *channel, struct message *m,
                               struct rfd_error *error)
{
    struct helper *h = context;
    struct supervised_news news;
    struct buf answer;
    if (peer != NULL) {
        TRY(supervised_read(m, &news, error));
        (void)add_client(h, news.descriptor, NULL); /* no room: it is hung up on */
        return RFD_OK;
    }
    buf_init(&answer, TOKEN_MESSAGE_MAXIMUM - MESSAGE_HEADER_SIZE);
    rfd_status status = answer_question(h, m, &answer, error);
    if (status == RFD_OK) status = channel_send(channel, m->type, m->request, buf_slice(&answer), NULL, 0, error);
    buf_dispose(&answer);
    return status;
}

static void peer_gone(void *context, void *peer, const struct rfd_error *why)
{
    struct helper *h = context;
    (void)why;
    if (peer != NULL || h->self == NULL) h->over = true;
}

/* ---- Life ---- */

static rfd_status prepare(struct helper *h, struct token_helper_options *options, struct rfd_error *error)
{
    const struct channel_handlers handlers = {h, take_message, peer_gone};
    TRY(token_keys_open(options->module, options->token, secret_slice(&options->pin), &h->keys, error));
    secret_dispose(&options->pin);
    TRY(channel_server_new(&handlers, CLIENTS, &h->server, error));
    return token_sandbox_enter(options, error);
}

static rfd_status serve(struct helper *h, struct rfd_error *error)
{
    while (!h->over) TRY(channel_server_round(h->server, -1, NULL, error));
    return h->lost ? error_set(error, RFD_E_TOKEN, "the token is gone") : RFD_OK;
}

static void dispose(struct helper *h)
{
    channel_server_free(h->server);
    if (h->keys.token.module != NULL) token_keys_close(&h->keys);
}

int token_helper_run(struct supervised *self)
{
    struct token_helper_options *options = self->context;
    struct helper h = {.self = self};
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_status status = prepare(&h, options, &error);
    if (status == RFD_OK) status = supervised_ready(self, &error);
    if (status == RFD_OK) status = channel_server_add(h.server, self->control, self, &error);
    if (status == RFD_OK) {
        self->control = NULL;
        status = serve(&h, &error);
    }
    if (status != RFD_OK) (void)dprintf(options->log, "{\"error\":\"%s\"}\n", rfd_status_name(status));
    dispose(&h);
    return status == RFD_OK ? 0 : 1;
}

/* ---- Without a supervisor ---- */

static rfd_status give_up_root(const struct token_helper_options *options, struct rfd_error *error)
{
    if (geteuid() != 0) return RFD_OK;
    if (options->user == 0) return sandbox_drop_capabilities(error);
    if (setgroups(0, NULL) == 0 && setresgid(options->group, options->group, options->group) == 0 &&
        setresuid(options->user, options->user, options->user) == 0)
        return RFD_OK;
    return error_errno(error, RFD_E_INTERNAL, errno, "becoming user %u", options->user);
}

/** Keeps only the socket of all that the parent has open: the lock of a key store, for one, is not the module's. */
static int keep_alone(int descriptor)
{
    int low = dup2(descriptor, STDERR_FILENO + 1);
    return low < 0 || close_range((unsigned)low + 1, ~0U, 0) != 0 ? -1 : low;
}

/** Secrets do not go through fork(): the module's process shall have none but this one. */
static rfd_status send_pin(int descriptor, slice pin, struct rfd_error *error)
{
    if (pin.length <= PIN_MAXIMUM && send(descriptor, pin.data, pin.length, MSG_NOSIGNAL) == (ssize_t)pin.length)
        return RFD_OK;
    return error_set(error, RFD_E_TOKEN, "the PIN could not be handed over");
}

static rfd_status take_pin(int descriptor, struct secret *pin, struct rfd_error *error)
{
    uint8_t bytes[PIN_MAXIMUM];
    size_t length = pin->length;
    rfd_status status = RFD_OK;
    secret_dispose(pin);
    if (length == 0) return RFD_OK;
    if (length > sizeof bytes || recv(descriptor, bytes, length, MSG_WAITALL) != (ssize_t)length)
        status = error_set(error, RFD_E_TOKEN, "the PIN did not come");
    else
        status = secret_set(pin, slice_of(bytes, length), error);
    secret_wipe(bytes, sizeof bytes);
    return status;
}

/** The child's life: its first message says whether it can work. */
static int run_child(struct token_helper_options *options, int descriptor)
{
    const struct channel_options channel_options = {.maximum = TOKEN_MESSAGE_MAXIMUM};
    struct helper h = {.self = NULL};
    struct rfd_error error = RFD_ERROR_INIT;
    struct channel *channel = NULL;
    struct buf b;
    descriptor = keep_alone(descriptor);
    rfd_status status = take_pin(descriptor, &options->pin, &error);
    if (status == RFD_OK) status = give_up_root(options, &error);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (status == RFD_OK) status = prepare(&h, options, &error);
    buf_init(&b, TOKEN_MESSAGE_MAXIMUM / 2);
    if (status == RFD_OK)
        message_put_u32(&b, RFD_OK);
    else
        answer_put_refusal(&b, 0, &error);
    if (channel_new(descriptor, &channel_options, &channel, NULL) != RFD_OK) return 1;
    if (channel_send(channel, READY, 0, buf_slice(&b), NULL, 0, NULL) != RFD_OK) status = RFD_E_PEER_GONE;
    buf_dispose(&b);
    if (status == RFD_OK) status = channel_server_add(h.server, channel, NULL, &error);
    if (status == RFD_OK) status = serve(&h, &error);
    dispose(&h);
    return status == RFD_OK ? 0 : 1;
}

/** Waits for what the child says first. The channel is given up, not its descriptor, which has nothing left in it. */
static rfd_status wait_ready(int descriptor, struct rfd_error *error)
{
    uint8_t bytes[MESSAGE_HEADER_SIZE + 2 * RFD_ERROR_DETAIL_SIZE];
    struct message m;
    struct message_reader fields;
    size_t length;
    ssize_t got;
    do {
        got = read(descriptor, bytes, sizeof bytes);
    } while (got < 0 && errno == EINTR);
    if (got <= 0 || message_parse(slice_of(bytes, (size_t)got), sizeof bytes, &m, &length) != MESSAGE_WHOLE)
        return error_set(error, RFD_E_TOKEN, "the token's helper ended");
    return answer_read(&m, READY, "token", &fields, error);
}

rfd_status token_helper_start(struct token_helper_options *options, int *descriptor, pid_t *child,
                              struct rfd_error *error)
{
    int fds[2];
    TRY(channel_pair(fds, error));
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(fds[0]);
        _exit(run_child(options, fds[1]));
    }
    (void)close(fds[1]);
    rfd_status status = pid < 0 ? error_errno(error, RFD_E_INTERNAL, errno, "token helper") : RFD_OK;
    if (status == RFD_OK && options->pin.length > 0) status = send_pin(fds[0], secret_slice(&options->pin), error);
    secret_dispose(&options->pin);
    if (status == RFD_OK) status = wait_ready(fds[0], error);
    if (status != RFD_OK) {
        (void)close(fds[0]);
        if (pid > 0) (void)waitpid(pid, NULL, 0);
        return status;
    }
    *descriptor = fds[0];
    *child = pid;
    return RFD_OK;
}
