/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a failure means depends on how far the conversation was: libcurl tells the commands that it sends to the debug
 * function, whose last one is remembered. Before MAIL nobody has heard of this mail; from RCPT on, 5xx is about it.
 */
#include "jobs/mail.h"

#include "base/error.h"
#include "base/memory.h"
#include "jobs/this_machine.h"
#include "jobs/transfer.h"

#include <curl/curl.h>

enum { CONNECT_SECONDS = 20, MAIL_SECONDS = 60, ADDRESS_SIZE = 512 };
enum stage { BEFORE, SENDER, RECIPIENT };

struct mail_sender {
    CURL *curl;
    struct mail_server server;
    enum stage stage;
    slice left; /* of the message */
    char problem[CURL_ERROR_SIZE];
};

static size_t read_message(char *to, size_t size, size_t count, void *context)
{
    struct mail_sender *s = context;
    slice part = slice_part(s->left, 0, size * count);
    if (part.length > 0) memcpy(to, part.data, part.length);
    s->left = slice_from(s->left, part.length);
    return part.length;
}

static int note_command(CURL *curl, curl_infotype type, char *data, size_t size, void *context)
{
    struct mail_sender *s = context;
    slice command = slice_of(data, size);
    (void)curl;
    if (type != CURLINFO_HEADER_OUT) return 0;
    if (slice_starts(command, SLICE("MAIL"))) s->stage = SENDER;
    if (slice_starts(command, SLICE("RCPT"))) s->stage = RECIPIENT;
    return 0;
}

static int look_at_stop(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct mail_sender *s = context;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return s->server.stop != NULL && atomic_load(s->server.stop);
}

static bool set_server(CURL *c, const struct mail_server *server, struct secret *password)
{
    long encryption = is_this_machine(server->address) ? CURLUSESSL_NONE : CURLUSESSL_ALL;
    struct curl_blob authorities = {(void *)(uintptr_t)server->authorities.data, server->authorities.length,
                                    CURL_BLOB_COPY};
    bool good = curl_easy_setopt(c, CURLOPT_URL, server->address) == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK &&
                curl_easy_setopt(c, CURLOPT_USE_SSL, encryption) == CURLE_OK;
    if (good && server->authorities.length > 0)
        good = curl_easy_setopt(c, CURLOPT_CAINFO_BLOB, &authorities) == CURLE_OK;
    if (good && server->user[0] != '\0')
        good = curl_easy_setopt(c, CURLOPT_USERNAME, server->user) == CURLE_OK &&
               secret_set(password, server->password, NULL) == RFD_OK &&
               curl_easy_setopt(c, CURLOPT_PASSWORD, (const char *)password->data) == CURLE_OK;
    return good;
}

static bool set_functions(struct mail_sender *s)
{
    CURL *c = s->curl;
    const struct transfer transfer = {.look = look_at_stop,
                                      .context = s,
                                      .problem = s->problem,
                                      .connect_seconds = CONNECT_SECONDS,
                                      .seconds = MAIL_SECONDS};
    return transfer_set_up(c, &transfer) && curl_easy_setopt(c, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_READFUNCTION, read_message) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_READDATA, s) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_VERBOSE, 1L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_DEBUGFUNCTION, note_command) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_DEBUGDATA, s) == CURLE_OK;
}

rfd_status mail_sender_new(const struct mail_server *server, struct mail_sender **out, struct rfd_error *error)
{
    struct secret password = {0};
    struct mail_sender *s = memory_zeroed(1, sizeof *s);
    if (s == NULL) return error_memory(error);
    s->server = *server;
    s->curl = curl_easy_init();
    bool good = s->curl != NULL && set_server(s->curl, server, &password) && set_functions(s);
    secret_dispose(&password);
    if (!good) {
        mail_sender_free(s);
        return error_set(error, RFD_E_MAIL, "libcurl: %s cannot be set up", server->address);
    }
    *out = s;
    return RFD_OK;
}

void mail_sender_free(struct mail_sender *sender)
{
    if (sender == NULL) return;
    curl_easy_cleanup(sender->curl);
    memory_free(sender);
}

static enum delivery judge(const struct mail_sender *s, long code)
{
    bool aborted = s->server.stop != NULL && atomic_load(s->server.stop);
    if (aborted || s->stage == BEFORE) return DELIVERY_NO_SERVER;
    /* What a server says about the sender is about our settings, not about this mail. */
    if (s->stage == SENDER) return DELIVERY_NO_SERVER;
    return code >= 500 && code < 600 ? DELIVERY_REFUSED : DELIVERY_LATER;
}

enum delivery mail_send(struct mail_sender *sender, const char *from, slice to, slice message, struct rfd_error *error)
{
    char sender_address[ADDRESS_SIZE];
    char recipient[ADDRESS_SIZE];
    long code = 0;
    struct curl_slist *recipients = NULL;
    CURL *c = sender->curl;
    (void)snprintf(sender_address, sizeof sender_address, "<%s>", from);
    (void)snprintf(recipient, sizeof recipient, "<%.*s>", (int)to.length, (const char *)to.data);
    sender->stage = BEFORE;
    sender->left = message;
    sender->problem[0] = '\0';
    recipients = curl_slist_append(NULL, recipient);
    if (recipients == NULL || curl_easy_setopt(c, CURLOPT_MAIL_FROM, sender_address) != CURLE_OK ||
        curl_easy_setopt(c, CURLOPT_MAIL_RCPT, recipients) != CURLE_OK ||
        curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)message.length) != CURLE_OK) {
        curl_slist_free_all(recipients);
        error_memory(error);
        return DELIVERY_NO_SERVER;
    }
    CURLcode result = curl_easy_perform(c);
    (void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
    (void)curl_easy_setopt(c, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(recipients);
    if (result == CURLE_OK) return DELIVERY_SENT;
    error_set(error, RFD_E_MAIL, "%s: %s (%ld)", sender->server.address,
              sender->problem[0] != '\0' ? sender->problem : curl_easy_strerror(result), code);
    return judge(sender, code);
}
