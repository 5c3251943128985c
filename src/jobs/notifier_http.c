/* SPDX-License-Identifier: EUPL-1.2 */
#include "jobs/notifier_http.h"

#include "base/error.h"
#include "base/memory.h"
#include "jobs/this_machine.h"
#include "jobs/transfer.h"
#include "pki/fetch.h"

#include <stdio.h>
#include <sys/socket.h>

enum { CONNECT_SECONDS = 5, ANSWER_MAXIMUM = 64 << 10, HEADER_SIZE = 2048, WAIT_MILLISECONDS = 500 };

struct sending {
    struct notice *notice;
    const atomic_bool *stop;
    CURL *curl;
    struct curl_slist *headers;
    bool private_networks, forbidden, done;
    size_t answered; /* octets */
};

/* ---- libcurl's questions ---- */

static size_t throw_away(char *data, size_t size, size_t count, void *context)
{
    struct sending *s = context;
    (void)data;
    s->answered += size * count;
    return s->answered > ANSWER_MAXIMUM ? 0 : size * count;
}

static int look_at_stop(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct sending *s = context;
    (void)a, (void)b, (void)c, (void)d;
    return s->stop != NULL && atomic_load(s->stop);
}

/** After names were resolved: what a name says now is what counts. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct sending *s = context;
    (void)purpose;
    if (!s->private_networks && fetch_address_is_internal(&address->addr)) {
        s->forbidden = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* ---- One ---- */

static bool add_header(struct sending *s, const char *name, const char *value)
{
    char line[HEADER_SIZE];
    int length = snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *longer = length > 0 && (size_t)length < sizeof line ? curl_slist_append(s->headers, line) : NULL;
    if (longer != NULL) s->headers = longer;
    return longer != NULL;
}

static bool set_up(struct sending *s)
{
    CURL *c = s->curl;
    const struct notice *n = s->notice;
    const struct transfer transfer = {
        .look = look_at_stop, .context = s, .connect_seconds = CONNECT_SECONDS, .seconds = NOTICE_SECONDS};
    return transfer_set_up(c, &transfer) && add_header(s, "Content-Type", "application/json") &&
           add_header(s, "Refrenda-Delivery", n->identity) && add_header(s, "Refrenda-Event", n->event) &&
           add_header(s, "Refrenda-Signature", n->signature) && add_header(s, "Expect", "") &&
           curl_easy_setopt(c, CURLOPT_PRIVATE, s) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_URL, n->address) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_USERAGENT, "Refrenda") == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, throw_away) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_WRITEDATA, s) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, s) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_HTTPHEADER, s->headers) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)n->body.length) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_POSTFIELDS, (const char *)n->body.data) == CURLE_OK;
}

static void tell(struct sending *s, const char *why)
{
    s->done = true;
    (void)snprintf(s->notice->why, sizeof s->notice->why, "%s", why);
}

static void judge(struct sending *s, CURLcode result)
{
    long status = 0;
    (void)curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &status);
    s->done = true;
    s->notice->status = status;
    s->notice->why[0] = '\0';
    if (s->forbidden)
        tell(s, "the address is inside of a private network (setting central.private_webhooks)");
    else if (result != CURLE_OK && s->stop != NULL && atomic_load(s->stop))
        tell(s, "stopped");
    else if (status >= 200 && status < 300)
        return; /* it was taken, whatever follows */
    else if (result != CURLE_OK)
        tell(s, curl_easy_strerror(result));
    else
        (void)snprintf(s->notice->why, sizeof s->notice->why, "HTTP status %ld", status);
}

static rfd_status begin(struct sending *s, CURLM *all, struct rfd_error *error)
{
    const char *address = s->notice->address;
    if (strncmp(address, "https://", 8) != 0 && !is_this_machine(address)) {
        tell(s, "the address is neither https nor this machine");
        return RFD_OK;
    }
    s->curl = curl_easy_init();
    bool good = s->curl != NULL && set_up(s) && curl_multi_add_handle(all, s->curl) == CURLM_OK;
    return good ? RFD_OK : error_memory(error);
}

static void end(struct sending *s, CURLM *all)
{
    if (s->curl != NULL) {
        (void)curl_multi_remove_handle(all, s->curl);
        curl_easy_cleanup(s->curl);
    }
    curl_slist_free_all(s->headers);
}

/* ---- All ---- */

static rfd_status run(CURLM *all, struct rfd_error *error)
{
    int running = 1;
    while (running > 0) {
        int left = 0;
        CURLMsg *message;
        if (curl_multi_perform(all, &running) != CURLM_OK) return error_set(error, RFD_E_NETWORK, "libcurl");
        while ((message = curl_multi_info_read(all, &left)) != NULL) {
            struct sending *s = NULL;
            if (message->msg != CURLMSG_DONE) continue;
            (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&s);
            if (s != NULL) judge(s, message->data.result);
        }
        if (running > 0 && curl_multi_poll(all, NULL, 0, WAIT_MILLISECONDS, NULL) != CURLM_OK)
            return error_set(error, RFD_E_NETWORK, "libcurl");
    }
    return RFD_OK;
}

rfd_status notices_send(struct notice *notices, size_t count, bool private_networks, const atomic_bool *stop,
                        struct rfd_error *error)
{
    struct sending *all = memory_zeroed(count + 1, sizeof *all);
    CURLM *multi = curl_multi_init();
    rfd_status status = all == NULL || multi == NULL ? error_memory(error) : RFD_OK;
    for (size_t i = 0; i < count && status == RFD_OK; i++) {
        all[i] = (struct sending){.notice = &notices[i], .stop = stop, .private_networks = private_networks};
        status = begin(&all[i], multi, error);
    }
    if (status == RFD_OK) status = run(multi, error);
    for (size_t i = 0; all != NULL && i < count; i++) end(&all[i], multi);
    if (multi != NULL) (void)curl_multi_cleanup(multi);
    memory_free(all);
    return status;
}
