/* SPDX-License-Identifier: EUPL-1.2
 *
 * The methods of the CSC API, both versions (methods.c): what each takes, what it may refuse with, and what answers.
 * One way for all of them (front.c): token, JSON, parameters by their table, handler. docs/csc.md is compared with
 * these tables by tests/unit/test_web_csc.c.
 */
#ifndef WEB_CSC_API_H
#define WEB_CSC_API_H

#include "domain/central/sign_options.h"
#include "domain/csc/document.h"
#include "domain/csc/use.h"
#include "web/csc/csc_pages.h"

enum {
    CSC_JSON_DEPTH = 6,
    CSC_TEXT_MAXIMUM = 4096,
    CSC_PIN_MAXIMUM = 256,
    CSC_NAME_SIZE = 200,
    CSC_ASYNCHRONOUS_SECONDS = CSC_RESULT_SECONDS,
    CSC_DOCUMENTS = 50,           /* whole ones of one signDoc, */
    CSC_DOCUMENTS_BODY = 6 << 20, /* whose request is no longer; */
    CSC_DOCUMENTS_AT_ONCE = 4,    /* calls of signDoc at a time */
};

#define CSC_OID_RSA          "1.2.840.113549.1.1.1"
#define CSC_OID_RSA_PSS      "1.2.840.113549.1.1.10"
#define CSC_OID_RSA_SHA256   "1.2.840.113549.1.1.11"
#define CSC_OID_RSA_SHA384   "1.2.840.113549.1.1.12"
#define CSC_OID_RSA_SHA512   "1.2.840.113549.1.1.13"
#define CSC_OID_ECDSA_SHA256 "1.2.840.10045.4.3.2"
#define CSC_OID_ECDSA_SHA384 "1.2.840.10045.4.3.3"
#define CSC_OID_ECDSA_SHA512 "1.2.840.10045.4.3.4"

/* ---- Refusals ---- */

enum csc_refusal {
    CSC_REFUSED_NOT,
#define CSC_REFUSAL(name, parameter, status, error, v1, v2) CSC_NO_##name,
#include "web/csc/refusals.def"
#undef CSC_REFUSAL
    CSC_REFUSALS
};
struct csc_refusal_row {
    const char *parameter; /* "": of none alone */
    int status;
    const char *error, *description;
};
/** As a version says it. */
struct csc_refusal_row csc_refusal_row(enum csc_refusal refusal, unsigned version);
/** Those that any method may have, ended by CSC_REFUSED_NOT. */
extern const enum csc_refusal csc_common_refusals[];

/* ---- Methods ---- */

enum csc_type { CSC_TEXT, CSC_INTEGER, CSC_SWITCH, CSC_ARRAY, CSC_ARRAY_OR_TEXT };
struct csc_parameter {
    const char *name;
    enum csc_type type;
    bool required;
    size_t maximum;      /* octets of a text; 0: CSC_TEXT_MAXIMUM */
    const char *wrong;   /* error_description of what is missing, or of another type, or too long */
    const char *invalid; /* of what is too long, where that is something else; NULL: `wrong` */
};
enum csc_scope {
    CSC_NO_TOKEN,
    CSC_SERVICE,    /* a token of scope "service" */
    CSC_CREDENTIAL, /* that, or one of scope "credential", which is for one credential alone */
};
enum csc_offer {
    CSC_ALWAYS,
    CSC_EXPLICIT, /* where the settings have central.explicit; else 501 */
    CSC_STAMPING, /* where there is a time-stamp service; else 501 */
    CSC_NEVER,    /* answers, but always refuses: no credential here has what it is for. Not in info.methods */
};
struct csc_call;
typedef rfd_status csc_handler(struct csc_call *call, struct rfd_error *error);
struct csc_method {
    const char *name; /* "credentials/list" */
    enum csc_scope scope;
    enum csc_offer offer;
    const struct csc_parameter *parameters; /* ended by name NULL */
    const enum csc_refusal *refusals;       /* ended by CSC_REFUSED_NOT; CSC_NO_... of the handler */
    csc_handler *handler;
};
/** Ended by name NULL. */
extern const struct csc_method csc_methods_v1[], csc_methods_v2[];
const struct csc_method *csc_method_find(unsigned version, slice name);
bool csc_is_offered(const struct page *page, const struct csc_method *method);

/* ---- A call ---- */

/** A credential that is used, as far as it does not change any more. */
struct csc_key {
    char id[PERSONAL_ID_SIZE];
    int64_t registered;
    rfd_time not_before, not_after;
    bool rsa;
    char name[CSC_NAME_SIZE]; /* "O=...,CN=..." of its holder */
};
struct csc_call {
    struct page *page;
    const struct csc_method *method;
    unsigned version;
    struct central central;
    json_t *body;           /* an object */
    slice token_text;       /* of the Authorization header */
    struct csc_token token; /* of that; kind CSC_TOKEN_NONE: the method wants none */
    bool has_sad;           /* what authorises was found: parameter SAD, or the token itself */
    bool sad_ended;         /* the parameter is one whose time is over */
    slice sad_text;
    struct csc_token sad;
    bool key_known; /* of what authorises, read along with it */
    bool key_in_force;
    struct csc_key key;
    struct csc_refusal_row refused; /* status 0: not */
};
/* ---- body.c ---- */

/** What was sent: an object, a new reference; NULL: it is none. Nothing: an empty one. */
json_t *csc_read_body(slice body);
/** Type and length of each, as the method's table has them. */
rfd_status csc_check_parameters(struct csc_call *call, struct rfd_error *error) RFD_MUST_CHECK;
/** Refuses: to be returned. */
rfd_status csc_no(struct csc_call *call, enum csc_refusal refusal, struct rfd_error *error);
/** The same, with more behind the description; `more` is the arena's. */
rfd_status csc_no_more(struct csc_call *call, enum csc_refusal refusal, const char *more, struct rfd_error *error);
/** Refuses a parameter as its table says. */
rfd_status csc_no_parameter(struct csc_call *call, const char *name, struct rfd_error *error);
/** In the body: empty when it is not there. */
slice csc_text(const struct csc_call *call, const char *name);
slice csc_json_text(const json_t *value);
bool csc_switch(const struct csc_call *call, const char *name);
/** NULL when it is not there. */
const json_t *csc_value(const struct csc_call *call, const char *name);

/* ---- common.c ---- */

/** From now on texts are in the language that the parameter `lang` asks for, where they are in it. */
void csc_speak(struct csc_call *call);

/** From an OID: SHA-256, SHA-384, SHA-512, or DIGEST_NONE. */
enum digest_id csc_digest(slice oid);
/** By the length of a value. */
enum digest_id csc_digest_of_length(size_t length);
/** An array of texts (`single`: or one text) in base64, decoded into the arena; each as long as a digest of the three.
 * Refusals: CSC_NO_HASH_EMPTY, CSC_NO_HASH_BASE64, CSC_NO_HASH_LENGTH; and `many` when they are too many. */
rfd_status csc_hashes(struct csc_call *call, const json_t *array, enum csc_refusal many, slice **out, size_t *count,
                      struct rfd_error *error) RFD_MUST_CHECK;
/** Decodes base64 into the arena; false when it is none, or nothing. */
bool csc_base64(const struct csc_call *call, slice text, slice *out);
/** As base64, a new reference. */
json_t *csc_json_base64(const struct csc_call *call, slice octets);
/** signAlgo with hashAlgo (SLICE_EMPTY: missing) for this kind of key: CSC_REFUSED_NOT and what it means, or why not.
 */
enum csc_refusal csc_algorithm(slice algorithm, slice parameters, slice hash_algorithm, bool rsa, enum digest_id *out);
/** What authorises, for this credential: CSC_NO_SAD_INVALID, CSC_NO_SAD_EXPIRED, CSC_NO_CREDENTIAL_INVALID,
 * CSC_NO_CERTIFICATE_EXPIRED; `key` as it is of use. */
rfd_status csc_need_sad(struct csc_call *call, struct rfd_error *error) RFD_MUST_CHECK;
/** Whether the request wants its answer later (operationMode "A"). */
bool csc_is_later(const struct csc_call *call);
/** Answers with what the request wants: at once, or later; at once, too, what is too long to be kept, as what was
 * authorised is used up. Takes `answer`. */
rfd_status csc_answer_mode(struct csc_call *call, json_t *answer, struct rfd_error *error) RFD_MUST_CHECK;
/** operationMode, validity_period, response_uri. */
rfd_status csc_check_mode(struct csc_call *call, struct rfd_error *error) RFD_MUST_CHECK;
/** Before anything is signed: what could not be kept for later is refused. RFD_E_LIMIT and others of csc_result_room().
 */
rfd_status csc_check_room(struct csc_call *call, struct rfd_error *error) RFD_MUST_CHECK;
/** Of those that the token shows, the one that the parameter credentialID names. CSC_NO_CREDENTIAL_INVALID. */
rfd_status csc_find_credential(struct csc_call *call, struct central_credential *out,
                               struct rfd_error *error) RFD_MUST_CHECK;

/* ---- known.c: what is remembered of credentials between calls ---- */

struct csc_known;
rfd_status csc_known_new(struct csc_known **out, struct rfd_error *error) RFD_MUST_CHECK;
void csc_known_free(struct csc_known *known);
bool csc_known_get(struct csc_known *known, slice credential, struct csc_key *out);
void csc_known_put(struct csc_known *known, const struct csc_key *key);
/** Whether one more call may sign whole documents now; then it leaves, too. */
bool csc_known_enter(struct csc_known *known);
void csc_known_leave(struct csc_known *known);

/* ---- Handlers ---- */

csc_handler csc_info, csc_login, csc_revoke;    /* service.c */
csc_handler csc_list_v1, csc_list_v2, csc_show; /* credentials.c */
csc_handler csc_authorize_v1, csc_authorize_v2, csc_extend, csc_send_otp, csc_challenge, csc_no_handle; /* explicit.c */
csc_handler csc_sign_hash, csc_poll, csc_timestamp; /* sign_hash.c */
csc_handler csc_sign_document;                      /* sign_document.c */

page_handler csc_serve; /* front.c */
/** For what fails before a handler is there: programs of this API know its own errors only. */
void csc_refuse_failure(struct page *page, const struct rfd_error *error);
page_handler csc_openapi; /* openapi.c */

#endif
