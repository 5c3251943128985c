/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/csc_http.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/url.h"

#include <curl/curl.h>
#include <refrenda.h>

enum {
    ANSWER_MAXIMUM = 1 << 20,
    HEADER_MAXIMUM = 16 << 10,
    CONNECT_SECONDS = 10,
    SECONDS = 60,
    DESCRIPTION_MAXIMUM = 500,
    TOKEN_MAXIMUM = 8 << 10
};

/* ---- Memory of JSON ---- */

static void *allocate(size_t size)
{
    return memory_allocate(size);
}

void csc_http_start(void)
{
    json_set_alloc_funcs(allocate, memory_wipe_and_free);
}

/* ---- Addresses ---- */

static bool is_this_machine(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 || strcmp(host, "[::1]") == 0;
}

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return has;
}

bool csc_http_begins(const char *url)
{
    size_t length = strncasecmp(url, "https://", 8) == 0 ? 8 : strncasecmp(url, "http://", 7) == 0 ? 7 : 0;
    return length > 0 && url[length] != '/';
}

rfd_status csc_http_check(const char *url, struct rfd_error *error)
{
    CURLU *parsed = curl_url();
    char *scheme = NULL, *host = NULL;
    if (parsed == NULL) return error_memory(error);
    bool good = csc_http_begins(url) && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
                curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK && !has_part(parsed, CURLUPART_USER) &&
                !has_part(parsed, CURLUPART_PASSWORD) && !has_part(parsed, CURLUPART_QUERY) &&
                !has_part(parsed, CURLUPART_FRAGMENT);
    if (good) good = strcmp(scheme, "https") == 0 || (strcmp(scheme, "http") == 0 && is_this_machine(host));
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(parsed);
    /* What is in it may be a password: it is not repeated. */
    return good ? RFD_OK
                : error_set(error, RFD_E_ARGUMENT, "the service's address has to be of https, without a query");
}

/* ---- One transfer ---- */

struct transfer {
    CURL *curl;
    struct curl_slist *headers;
    struct buf body;
    bool too_large;
    long http;
    char *posted; /* JSON */
};

static size_t take(char *data, size_t size, size_t count, void *context)
{
    struct transfer *t = context;
    t->too_large = size * count > ANSWER_MAXIMUM - t->body.length;
    if (t->too_large) return 0;
    buf_put(&t->body, data, size * count);
    return buf_status(&t->body) == RFD_OK ? size * count : 0;
}

static bool add(struct transfer *t, const char *line)
{
    struct curl_slist *longer = curl_slist_append(t->headers, line);
    if (longer != NULL) t->headers = longer;
    return longer != NULL;
}

/** What was given to us as a token must not end the header's line. */
static bool is_token(slice s)
{
    for (size_t i = 0; i < s.length; i++) {
        if (s.data[i] <= ' ' || s.data[i] > '~') return false;
    }
    return s.length <= TOKEN_MAXIMUM;
}

static bool add_authorization(struct transfer *t, const struct csc_question *q)
{
    struct buf line, pair;
    if (q->bearer.length == 0 && q->user.length == 0) return true;
    buf_init_secret(&line, HEADER_MAXIMUM);
    buf_init_secret(&pair, HEADER_MAXIMUM);
    if (q->bearer.length > 0) {
        buf_put_text(&line, "Authorization: Bearer ");
        buf_put_slice(&line, q->bearer);
    } else {
        buf_put_slice(&pair, q->user);
        buf_put_byte(&pair, ':');
        buf_put_slice(&pair, q->password);
        buf_put_text(&line, "Authorization: Basic ");
        buf_put_base64(&line, buf_slice(&pair));
    }
    buf_put_byte(&line, '\0');
    bool good = buf_status(&line) == RFD_OK && buf_status(&pair) == RFD_OK && add(t, (const char *)line.data);
    buf_dispose(&line);
    buf_dispose(&pair);
    return good;
}

#define SET(option, value) (curl_easy_setopt(t->curl, option, value) == CURLE_OK)

static bool set_body(struct transfer *t, const struct csc_question *q)
{
    if (q->form != NULL)
        return add(t, "Content-Type: application/x-www-form-urlencoded") && SET(CURLOPT_POST, 1L) &&
               SET(CURLOPT_POSTFIELDS, q->form->data) && SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->form->length);
    if (q->json == NULL) return true;
    t->posted = json_dumps(q->json, JSON_COMPACT);
    return t->posted != NULL && add(t, "Content-Type: application/json") && SET(CURLOPT_POST, 1L) &&
           SET(CURLOPT_POSTFIELDS, t->posted) && SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(t->posted));
}

static bool set_up(struct transfer *t, const struct csc_http *h, const struct csc_question *q)
{
    char agent[64];
    (void)snprintf(agent, sizeof agent, "Refrenda/%s", rfd_version());
    return SET(CURLOPT_URL, q->url) && SET(CURLOPT_USERAGENT, agent) && SET(CURLOPT_NOSIGNAL, 1L) &&
           SET(CURLOPT_PROTOCOLS_STR, "http,https") && SET(CURLOPT_FOLLOWLOCATION, 0L) &&
           SET(CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS) && SET(CURLOPT_TIMEOUT, (long)SECONDS) &&
           SET(CURLOPT_WRITEFUNCTION, take) && SET(CURLOPT_WRITEDATA, t) &&
           (h->authorities == NULL || SET(CURLOPT_CAINFO, h->authorities)) && add(t, "Accept: application/json") &&
           add(t, "Expect:") && set_body(t, q) && add_authorization(t, q) && SET(CURLOPT_HTTPHEADER, t->headers);
}
#undef SET

static void clean_up(struct transfer *t)
{
    for (struct curl_slist *l = t->headers; l != NULL; l = l->next) secret_wipe(l->data, strlen(l->data));
    curl_slist_free_all(t->headers);
    curl_easy_cleanup(t->curl);
    memory_wipe_and_free(t->posted);
    buf_dispose(&t->body);
}

/* ---- Answers ---- */

const char *csc_text(const json_t *object, const char *name, size_t maximum)
{
    const json_t *member = json_object_get(object, name);
    const char *text = json_string_value(member);
    if (text == NULL || json_string_length(member) > maximum || strlen(text) != json_string_length(member)) return NULL;
    return text_is_printable(slice_text(text)) ? text : NULL;
}

/** What a refusal means to who types passwords and codes: by the standard's code, and by its description, as codes are
 * few. */
static rfd_status meaning(long http, const char *code, const char *description)
{
    static const struct {
        const char *code, *description;
        rfd_status status;
    } rows[] = {
        {"", "PIN locked", RFD_E_CREDENTIAL_LOCKED},
        {"", "OTP locked", RFD_E_CREDENTIAL_LOCKED},
        {"", "Credential locked", RFD_E_CREDENTIAL_LOCKED},
        {"", "SAD expired", RFD_E_ACTIVATION_ENDED},
        {"invalid_pin", "", RFD_E_ACTIVATION_PASSWORD},
        {"invalid_otp", "", RFD_E_ACTIVATION_CODE},
        {"expired_token", "", RFD_E_ACTIVATION_ENDED},
        {"invalid_authentication_data", "", RFD_E_ACTIVATION_PASSWORD},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if ((rows[i].code[0] != '\0' && strcmp(code, rows[i].code) == 0) ||
            (rows[i].description[0] != '\0' && strcmp(description, rows[i].description) == 0))
            return rows[i].status;
    }
    return http == 429 ? RFD_E_SLOW_DOWN : RFD_E_REMOTE_REFUSED;
}

static rfd_status refusal(long http, const json_t *answer, struct rfd_error *error)
{
    const char *code = csc_text(answer, "error", DESCRIPTION_MAXIMUM);
    const char *description = csc_text(answer, "error_description", DESCRIPTION_MAXIMUM);
    if (code == NULL)
        return error_set(error, RFD_E_REMOTE_ANSWER, "HTTP status %ld without an error of the standard", http);
    if (description == NULL) description = "";
    return error_set(error, meaning(http, code, description), "%s%s%s", code, description[0] == '\0' ? "" : ": ",
                     description);
}

static bool is_json(struct transfer *t)
{
    const char *type = NULL;
    static const char wanted[] = "application/json";
    (void)curl_easy_getinfo(t->curl, CURLINFO_CONTENT_TYPE, &type);
    if (type == NULL || strncasecmp(type, wanted, sizeof wanted - 1) != 0) return false;
    char next = type[sizeof wanted - 1];
    return next == '\0' || next == ';' || next == ' ';
}

static rfd_status read_answer(struct transfer *t, json_t **out, struct rfd_error *error)
{
    if (t->http == 204) return RFD_OK;
    if (t->http >= 300 && t->http < 400)
        return error_set(error, RFD_E_REMOTE_ANSWER, "it sends us elsewhere (HTTP status %ld)", t->http);
    json_t *answer =
        !is_json(t) ? NULL : json_loadb((const char *)t->body.data, t->body.length, JSON_REJECT_DUPLICATES, NULL);
    rfd_status status = RFD_OK;
    if (!json_is_object(answer))
        status = error_set(error, RFD_E_REMOTE_ANSWER, "HTTP status %ld without a JSON object", t->http);
    else if (t->http != 200 && t->http != 202)
        status = refusal(t->http, answer, error);
    if (status == RFD_OK)
        *out = answer;
    else
        json_decref(answer);
    return status;
}

rfd_status csc_http_ask(const struct csc_http *h, const struct csc_question *question, long *http, json_t **out,
                        struct rfd_error *error)
{
    struct transfer t = {.curl = curl_easy_init()};
    rfd_status status = RFD_OK;
    *out = NULL;
    if (!is_token(question->bearer)) {
        curl_easy_cleanup(t.curl);
        return error_set(error, RFD_E_REMOTE_ANSWER, "an access token that is none");
    }
    buf_init_secret(&t.body, ANSWER_MAXIMUM);
    if (t.curl == NULL || !set_up(&t, h, question)) {
        status = error_set(error, RFD_E_INTERNAL, "a request to the signing service");
    } else {
        CURLcode code = curl_easy_perform(t.curl);
        (void)curl_easy_getinfo(t.curl, CURLINFO_RESPONSE_CODE, &t.http);
        if (t.too_large)
            status = error_set(error, RFD_E_REMOTE_ANSWER, "it is larger than %d octets", ANSWER_MAXIMUM);
        else if (code != CURLE_OK)
            status = error_set(error, RFD_E_NETWORK, "signing service: %s", curl_easy_strerror(code));
        else
            status = read_answer(&t, out, error);
    }
    if (http != NULL) *http = t.http;
    clean_up(&t);
    return status;
}

void csc_form(struct buf *form, const char *name, slice value)
{
    if (form->length > 0) buf_put_byte(form, '&');
    buf_put_text(form, name);
    buf_put_byte(form, '=');
    url_put_escaped(form, value, "");
}
