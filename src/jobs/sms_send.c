/* SPDX-License-Identifier: EUPL-1.2
 *
 * Kannel answers 202 for what it sent or queued, 503 for what it cannot do now, 403 for a password or sender that it
 * does not take, 400 and 404 for what it will never send. What a 403 says is about our settings, not about this
 * message.
 */
#include "jobs/sms.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "jobs/gsm.h"
#include "jobs/this_machine.h"
#include "jobs/transfer.h"

#include <curl/curl.h>

enum { CONNECT_SECONDS = 10, SMS_SECONDS = 30, ANSWER_MAXIMUM = 1024, HEADER_MAXIMUM = 1024 };

struct sms_sender {
    CURL *curl;
    struct sms_gateway gateway;
    struct buf answer;
    bool connected; /* the request left this machine's hands */
    char problem[CURL_ERROR_SIZE];
};

static size_t keep_answer(char *data, size_t size, size_t count, void *context)
{
    struct sms_sender *s = context;
    slice part = slice_part(slice_of(data, size * count), 0, ANSWER_MAXIMUM - s->answer.length);
    buf_put_slice(&s->answer, part);
    return size * count;
}

static int look_at_stop(void *context, curl_off_t a, curl_off_t b, curl_off_t sent, curl_off_t d)
{
    struct sms_sender *s = context;
    (void)a;
    (void)b;
    (void)d;
    if (sent > 0) s->connected = true;
    return s->gateway.stop != NULL && atomic_load(s->gateway.stop);
}

static bool set_up(struct sms_sender *s)
{
    CURL *c = s->curl;
    const struct transfer transfer = {.look = look_at_stop,
                                      .context = s,
                                      .problem = s->problem,
                                      .connect_seconds = CONNECT_SECONDS,
                                      .seconds = SMS_SECONDS};
    return c != NULL && transfer_set_up(c, &transfer) &&
           curl_easy_setopt(c, CURLOPT_URL, s->gateway.address) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, keep_answer) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_WRITEDATA, s) == CURLE_OK;
}

rfd_status sms_sender_new(const struct sms_gateway *gateway, struct sms_sender **out, struct rfd_error *error)
{
    if (strncmp(gateway->address, "https://", 8) != 0 && !is_this_machine(gateway->address))
        return error_set(error, RFD_E_SETTINGS, "sms.gateway: %s is neither https nor this machine", gateway->address);
    struct sms_sender *s = memory_zeroed(1, sizeof *s);
    if (s == NULL) return error_memory(error);
    s->gateway = *gateway;
    buf_init(&s->answer, ANSWER_MAXIMUM);
    s->curl = curl_easy_init();
    if (!set_up(s)) {
        sms_sender_free(s);
        return error_set(error, RFD_E_MAIL, "libcurl: %s cannot be set up", gateway->address);
    }
    *out = s;
    return RFD_OK;
}

void sms_sender_free(struct sms_sender *sender)
{
    if (sender == NULL) return;
    curl_easy_cleanup(sender->curl);
    buf_dispose(&sender->answer);
    memory_free(sender);
}

/* ---- One message ---- */

static bool add_header(struct curl_slist **list, const char *name, slice value)
{
    struct buf b;
    buf_init_secret(&b, HEADER_MAXIMUM);
    buf_print(&b, "%s: ", name);
    buf_put_slice(&b, value);
    buf_put_byte(&b, '\0');
    struct curl_slist *longer = buf_status(&b) == RFD_OK ? curl_slist_append(*list, (const char *)b.data) : NULL;
    buf_dispose(&b);
    if (longer != NULL) *list = longer;
    return longer != NULL;
}

/** Letters that every telephone knows go as they are, others as UCS-2 (coding 2). */
static struct curl_slist *make_headers(const struct sms_gateway *g, slice to, slice text)
{
    struct curl_slist *list = NULL;
    bool good = add_header(&list, "Content-Type", SLICE("text/plain; charset=UTF-8")) &&
                add_header(&list, "X-Kannel-To", to) && add_header(&list, "X-Kannel-Charset", SLICE("UTF-8")) &&
                add_header(&list, "X-Kannel-Coding", gsm_has(text) ? SLICE("0") : SLICE("2"));
    if (good && g->user[0] != '\0')
        good = add_header(&list, "X-Kannel-Username", slice_text(g->user)) &&
               add_header(&list, "X-Kannel-Password", g->password);
    if (good && g->from[0] != '\0') good = add_header(&list, "X-Kannel-From", slice_text(g->from));
    if (good) return list;
    curl_slist_free_all(list);
    return NULL;
}

/** curl's own copies of headers are not wiped: the password was in them; it lives as long as the process anyhow. */
static enum delivery judge(const struct sms_sender *s, CURLcode result, long code)
{
    if (result != CURLE_OK) return s->connected ? DELIVERY_LATER : DELIVERY_NO_SERVER;
    if (code >= 200 && code < 300) return DELIVERY_SENT;
    if (code == 401 || code == 403) return DELIVERY_NO_SERVER;
    return code >= 400 && code < 500 ? DELIVERY_REFUSED : DELIVERY_LATER;
}

enum delivery sms_send(struct sms_sender *sender, slice to, slice text, struct rfd_error *error)
{
    long code = 0;
    CURL *c = sender->curl;
    struct curl_slist *headers = make_headers(&sender->gateway, to, text);
    buf_reset(&sender->answer);
    sender->connected = false;
    sender->problem[0] = '\0';
    if (headers == NULL || curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) != CURLE_OK ||
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)text.length) != CURLE_OK ||
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, (const char *)text.data) != CURLE_OK) {
        curl_slist_free_all(headers);
        error_memory(error);
        return DELIVERY_NO_SERVER;
    }
    CURLcode result = curl_easy_perform(c);
    (void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
    (void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    enum delivery delivery = judge(sender, result, code);
    if (delivery != DELIVERY_SENT)
        error_set(error, RFD_E_MAIL, "%s: %s (%ld) %.*s", sender->gateway.address,
                  sender->problem[0] != '\0' ? sender->problem : curl_easy_strerror(result), code,
                  (int)sender->answer.length, (const char *)sender->answer.data);
    return delivery;
}
