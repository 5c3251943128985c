/* SPDX-License-Identifier: EUPL-1.2
 *
 * Asking a signing service: HTTPS only (HTTP to this machine itself), nobody is followed who sends us elsewhere,
 * answers are bounded and JSON objects or refused. Secrets travel in headers and bodies, never in addresses, and are
 * wiped.
 */
#ifndef CLI_CSC_HTTP_H
#define CLI_CSC_HTTP_H

#include "base/arena.h"
#include "base/buf.h"

#include <jansson.h>

struct csc_http {
    const char *authorities; /* PEM file of who may have issued the service's certificate; NULL: the system's */
};
struct csc_question {
    const char *url;
    const json_t *json;     /* posted; NULL: */
    const struct buf *form; /* posted; NULL: GET */
    slice bearer;           /* empty: none */
    slice user, password;   /* Basic (RFC 7617); empty: none */
};
/** From now on memory of JSON values is wiped when it is freed: some of them are passwords. Of the process. */
void csc_http_start(void);
/** "http://" or "https://", and then the host: libcurl takes fewer and more slashes as well. */
bool csc_http_begins(const char *url);
/** RFD_E_ARGUMENT unless it may be asked: an address of HTTPS, or of HTTP on this machine, without name, password,
 * query and fragment. */
rfd_status csc_http_check(const char *url, struct rfd_error *error) RFD_MUST_CHECK;
/** The object that was answered, to be freed by json_decref(); NULL when there was none to expect (204). `*http` (may
 * be NULL) is the status of HTTP, also of a refusal. RFD_E_NETWORK; RFD_E_REMOTE_ANSWER for what is no answer of such a
 * service; else what its error says: RFD_E_REMOTE_REFUSED, RFD_E_ACTIVATION_PASSWORD, ... */
rfd_status csc_http_ask(const struct csc_http *h, const struct csc_question *question, long *http, json_t **out,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** A member that is a text of at most `maximum` characters, printable; NULL when it is not there or anything else. */
const char *csc_text(const json_t *object, const char *name, size_t maximum);
/** Appends name=value to a form. */
void csc_form(struct buf *form, const char *name, slice value);

#endif
