/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/csc/api.h"

#include <string.h>

/* ---- Refusals ---- */

static const struct {
    const char *parameter;
    int status;
    const char *error, *v1, *v2;
} refusals[CSC_REFUSALS] = {
#define CSC_REFUSAL(name, parameter, status, error, v1, v2) [CSC_NO_##name] = {parameter, status, error, v1, v2},
#include "web/csc/refusals.def"
#undef CSC_REFUSAL
};

/** Parameters that 2.0 calls by another name. */
static const struct {
    const char *v1, *v2;
} renamed[] = {{"hash", "hashes"}, {"hashAlgo", "hashAlgorithmOID"}};

struct csc_refusal_row csc_refusal_row(enum csc_refusal refusal, unsigned version)
{
    const char *parameter = refusals[refusal].parameter;
    bool other = version == 2 && refusals[refusal].v2 != NULL;
    bool stamping = refusal == CSC_NO_STAMP_EMPTY || refusal == CSC_NO_STAMP_DIGEST;
    for (size_t i = 0; version == 2 && !stamping && i < sizeof renamed / sizeof *renamed; i++)
        if (strcmp(parameter, renamed[i].v1) == 0) parameter = renamed[i].v2;
    return (struct csc_refusal_row){parameter, refusals[refusal].status, refusals[refusal].error,
                                    other ? refusals[refusal].v2 : refusals[refusal].v1};
}

const enum csc_refusal csc_common_refusals[] = {CSC_NO_AUTHORIZATION_MISSING,
                                                CSC_NO_AUTHORIZATION_MALFORMED,
                                                CSC_NO_TOKEN_INVALID,
                                                CSC_NO_TOKEN_EXPIRED,
                                                CSC_NO_SCOPE,
                                                CSC_NO_MALFORMED,
                                                CSC_NO_UNKNOWN,
                                                CSC_NO_TOO_MANY,
                                                CSC_NO_UNAVAILABLE,
                                                CSC_NO_SERVER,
                                                CSC_REFUSED_NOT};

/* ---- Parameters ---- */

#define MISSING(kind, name) "Missing (or invalid type) " kind " parameter " name
#define INVALID(name)       "Invalid parameter " name
#define END                                                                                                            \
    {                                                                                                                  \
        .name = NULL                                                                                                   \
    }

#define CLIENT_DATA                                                                                                    \
    {                                                                                                                  \
        "clientData", CSC_TEXT, false, 0, INVALID("clientData"), NULL                                                  \
    }
#define LANG                                                                                                           \
    {                                                                                                                  \
        "lang", CSC_TEXT, false, 64, INVALID("lang"), NULL                                                             \
    }
#define CREDENTIAL                                                                                                     \
    {                                                                                                                  \
        "credentialID", CSC_TEXT, true, 64, MISSING("string", "credentialID"), INVALID("credentialID")                 \
    }
#define NUMBER                                                                                                         \
    {                                                                                                                  \
        "numSignatures", CSC_INTEGER, true, 0, MISSING("integer", "numSignatures"), NULL                               \
    }
#define HASH                                                                                                           \
    {                                                                                                                  \
        "hash", CSC_ARRAY, true, 0, MISSING("array", "hash"), NULL                                                     \
    }
/* Examples of 2.0 have one text instead of an array of one; its error tables still say "hash". */
#define HASHES                                                                                                         \
    {                                                                                                                  \
        "hashes", CSC_ARRAY_OR_TEXT, true, 0, MISSING("array", "hash"), NULL                                           \
    }
/* Its characters are counted by who reads it. */
#define DESCRIPTION                                                                                                    \
    {                                                                                                                  \
        "description", CSC_TEXT, false, 4 * CSC_DESCRIPTION_MAXIMUM, INVALID("description"), NULL                      \
    }
#define STATEMENT                                                                                                      \
    {                                                                                                                  \
        "statement", CSC_TEXT, false, CSC_STATEMENT_MAXIMUM, INVALID("statement"), NULL                                \
    }
#define SAD(required)                                                                                                  \
    {                                                                                                                  \
        "SAD", CSC_TEXT, required, 256, MISSING("string", "SAD"), INVALID("SAD")                                       \
    }
#define SIGN_ALGORITHM                                                                                                 \
    {                                                                                                                  \
        "signAlgo", CSC_TEXT, true, 64, MISSING("string", "signAlgo"), INVALID("signAlgo")                             \
    }
#define ALGORITHM_PARAMETERS                                                                                           \
    {                                                                                                                  \
        "signAlgoParams", CSC_TEXT, false, 0, MISSING("string", "signAlgoParams"), NULL                                \
    }
#define HASH_ALGORITHM(name)                                                                                           \
    {                                                                                                                  \
        name, CSC_TEXT, false, 64, MISSING("string", name), INVALID(name)                                              \
    }
#define SHOWING                                                                                                        \
    {"certificates", CSC_TEXT, false, 16, INVALID("certificates"), NULL},                                              \
        {"certInfo", CSC_SWITCH, false, 0, INVALID("certInfo"), NULL},                                                 \
    {                                                                                                                  \
        "authInfo", CSC_SWITCH, false, 0, INVALID("authInfo"), NULL                                                    \
    }
#define ASYNCHRONOUS                                                                                                   \
    {"operationMode", CSC_TEXT, false, 8, INVALID("operationMode"), NULL},                                             \
        {"validity_period", CSC_INTEGER, false, 0, INVALID("validity_period"), NULL},                                  \
    {                                                                                                                  \
        "response_uri", CSC_TEXT, false, 0, INVALID("response_uri"), NULL                                              \
    }

static const struct csc_parameter of_info[] = {LANG, END};
static const struct csc_parameter of_login_v1[] = {
    {"refresh_token", CSC_TEXT, false, 256, "Invalid string parameter refresh_token", NULL},
    {"rememberMe", CSC_SWITCH, false, 0, INVALID("rememberMe"), NULL},
    CLIENT_DATA,
    END};
static const struct csc_parameter of_login_v2[] = {
    {"refresh_token", CSC_TEXT, false, 256, "Invalid string parameter: refresh_token", NULL},
    {"rememberMe", CSC_SWITCH, false, 0, INVALID("rememberMe"), NULL},
    CLIENT_DATA,
    END};
static const struct csc_parameter of_revoke[] = {
    {"token", CSC_TEXT, true, 256, MISSING("string", "token"), NULL},
    {"token_type_hint", CSC_TEXT, false, 64, "Invalid string parameter token_type_hint", NULL},
    CLIENT_DATA,
    END};
static const struct csc_parameter of_list_v1[] = {{"userID", CSC_TEXT, false, 64, INVALID("userID"), NULL},
                                                  {"maxResults", CSC_INTEGER, false, 0, INVALID("maxResults"), NULL},
                                                  {"pageToken", CSC_TEXT, false, 64, INVALID("pageToken"), NULL},
                                                  CLIENT_DATA,
                                                  END};
static const struct csc_parameter of_list_v2[] = {
    {"userID", CSC_TEXT, false, 64, INVALID("userID"), NULL},
    {"credentialInfo", CSC_SWITCH, false, 0, INVALID("credentialInfo"), NULL},
    SHOWING,
    {"onlyValid", CSC_SWITCH, false, 0, INVALID("onlyValid"), NULL},
    LANG,
    CLIENT_DATA,
    END};
static const struct csc_parameter of_show[] = {CREDENTIAL, SHOWING, LANG, CLIENT_DATA, END};
static const struct csc_parameter of_authorize_v1[] = {
    CREDENTIAL,
    NUMBER,
    HASH,
    {"PIN", CSC_TEXT, true, CSC_PIN_MAXIMUM, MISSING("string", "PIN"), NULL},
    {"OTP", CSC_TEXT, false, CSC_PIN_MAXIMUM, MISSING("string", "OTP"), NULL},
    DESCRIPTION,
    STATEMENT,
    CLIENT_DATA,
    END};
static const struct csc_parameter of_authorize_v2[] = {
    CREDENTIAL,
    NUMBER,
    HASHES,
    HASH_ALGORITHM("hashAlgorithmOID"),
    {"authData", CSC_ARRAY, true, 0, MISSING("array", "authData"), NULL},
    DESCRIPTION,
    STATEMENT,
    CLIENT_DATA,
    END};
static const struct csc_parameter of_extend_v1[] = {SAD(true), CREDENTIAL, HASH, CLIENT_DATA, END};
static const struct csc_parameter of_extend_v2[] = {SAD(true),   CREDENTIAL, HASHES, HASH_ALGORITHM("hashAlgorithmOID"),
                                                    CLIENT_DATA, END};
static const struct csc_parameter of_send_otp[] = {CREDENTIAL, CLIENT_DATA, END};
static const struct csc_parameter of_challenge[] = {
    CREDENTIAL, {"authObjectID", CSC_TEXT, true, 64, INVALID("authObjectID"), NULL}, CLIENT_DATA, END};
static const struct csc_parameter of_check[] = {{"handle", CSC_TEXT, true, 256, INVALID("handle"), NULL}, END};
static const struct csc_parameter of_sign_hash_v1[] = {
    SAD(true), CREDENTIAL, HASH, HASH_ALGORITHM("hashAlgo"), SIGN_ALGORITHM, ALGORITHM_PARAMETERS, CLIENT_DATA, END};
static const struct csc_parameter of_sign_hash_v2[] = {
    SAD(false),   CREDENTIAL,  HASHES, HASH_ALGORITHM("hashAlgorithmOID"), SIGN_ALGORITHM, ALGORITHM_PARAMETERS,
    ASYNCHRONOUS, CLIENT_DATA, END};
static const struct csc_parameter of_sign_document[] = {
    SAD(false),
    CREDENTIAL,
    {"documentDigests", CSC_ARRAY, false, 0, "Invalid object parameter documentDigests", NULL},
    {"documents", CSC_ARRAY, false, 0, "Invalid array parameter documents", NULL},
    ASYNCHRONOUS,
    {"returnValidationInfo", CSC_SWITCH, false, 0, INVALID("returnValidationInfo"), NULL},
    CLIENT_DATA,
    END};
static const struct csc_parameter of_poll[] = {
    {"requestID", CSC_TEXT, true, 256, MISSING("string", "requestID"), INVALID("requestID")},
    {"userID", CSC_TEXT, false, 64, "Invalid parameter \"userID\"", NULL},
    CLIENT_DATA,
    END};
static const struct csc_parameter of_timestamp[] = {{"hash", CSC_TEXT, true, 256, MISSING("string", "hash"), NULL},
                                                    {"hashAlgo", CSC_TEXT, true, 64, INVALID("hashAlgo"), NULL},
                                                    {"nonce", CSC_TEXT, false, 64, INVALID("nonce"), NULL},
                                                    CLIENT_DATA,
                                                    END};

/* ---- What each may refuse with ---- */

#define LIST(name, ...) static const enum csc_refusal name[] = {__VA_ARGS__, CSC_REFUSED_NOT}

static const enum csc_refusal no_none[] = {CSC_REFUSED_NOT};
LIST(no_login, CSC_NO_LOGIN_HEADER, CSC_NO_LOGIN_PAIR, CSC_NO_LOGIN_REFRESH, CSC_NO_LOGIN_FAILED);
LIST(no_revoke, CSC_NO_HINT);
LIST(no_list_v1, CSC_NO_USER_NOT_NULL, CSC_NO_USER_INVALID, CSC_NO_RESULTS, CSC_NO_PAGE_TOKEN);
LIST(no_list_v2, CSC_NO_USER_NOT_NULL, CSC_NO_USER_INVALID, CSC_NO_CERTIFICATES);
LIST(no_show, CSC_NO_CREDENTIAL_INVALID, CSC_NO_CERTIFICATES);
#define NO_AUTHORIZE                                                                                                   \
    CSC_NO_CREDENTIAL_INVALID, CSC_NO_CREDENTIAL_DISABLED, CSC_NO_COUNT_INVALID, CSC_NO_COUNT_HIGH, CSC_NO_HASH_EMPTY, \
        CSC_NO_HASH_BASE64, CSC_NO_HASH_LENGTH, CSC_NO_HASH_TWICE, CSC_NO_DESCRIPTION, CSC_NO_STATEMENT
LIST(no_authorize_v1, NO_AUTHORIZE, CSC_NO_PIN_INVALID, CSC_NO_PIN_LOCKED, CSC_NO_OTP_INVALID, CSC_NO_OTP_LOCKED);
LIST(no_authorize_v2, NO_AUTHORIZE, CSC_NO_DIGEST_MISSING, CSC_NO_DIGEST_INVALID, CSC_NO_PROOF_INVALID,
     CSC_NO_PROOF_LOCKED);
#define NO_SAD CSC_NO_SAD_INVALID, CSC_NO_SAD_EXPIRED, CSC_NO_CREDENTIAL_INVALID, CSC_NO_CREDENTIAL_DISABLED
#define NO_EXTEND                                                                                                      \
    NO_SAD, CSC_NO_CERTIFICATE_EXPIRED, CSC_NO_HASH_EMPTY, CSC_NO_HASH_BASE64, CSC_NO_HASH_LENGTH, CSC_NO_HASH_REFUSED
LIST(no_extend_v1, NO_EXTEND);
LIST(no_extend_v2, NO_EXTEND, CSC_NO_DIGEST_MISSING, CSC_NO_DIGEST_INVALID);
LIST(no_otp, CSC_NO_CREDENTIAL_INVALID, CSC_NO_CREDENTIAL_DISABLED, CSC_NO_PIN_LOCKED, CSC_NO_OTP_LOCKED);
LIST(no_challenge, CSC_NO_CREDENTIAL_INVALID, CSC_NO_CREDENTIAL_DISABLED, CSC_NO_OBJECT, CSC_NO_PROOF_LOCKED);
LIST(no_check, CSC_NO_HANDLE);
#define NO_SIGN_HASH                                                                                                   \
    NO_EXTEND, CSC_NO_ALGORITHM, CSC_NO_ALGORITHM_PARAMETERS, CSC_NO_DIGEST_MISSING, CSC_NO_DIGEST_INVALID
#define NO_MODE CSC_NO_MODE, CSC_NO_PERIOD, CSC_NO_PERIOD_BOUNDS, CSC_NO_RESPONSE_URI
LIST(no_sign_hash_v1, NO_SIGN_HASH);
LIST(no_sign_hash_v2, NO_SIGN_HASH, NO_MODE);
LIST(no_sign_document, NO_SAD, CSC_NO_CERTIFICATE_EXPIRED, CSC_NO_BOTH, CSC_NO_NEITHER, CSC_NO_DIGESTS_BASE64,
     CSC_NO_DOCUMENTS_BASE64, CSC_NO_HASH_LENGTH, CSC_NO_DIGESTS_REFUSED, CSC_NO_DIGESTS_DIFFER,
     CSC_NO_ALGORITHM_MISSING, CSC_NO_ALGORITHM, CSC_NO_ALGORITHM_PARAMETERS, CSC_NO_DIGEST_MISSING,
     CSC_NO_DIGEST_INVALID, CSC_NO_CONTRADICTION, CSC_NO_FORMAT_MISSING, CSC_NO_FORMAT, CSC_NO_LEVEL, CSC_NO_ENVELOPE,
     CSC_NO_PROPERTIES, NO_MODE);
LIST(no_poll, CSC_NO_REQUEST, CSC_NO_POLL_USER);
LIST(no_timestamp, CSC_NO_STAMP_EMPTY, CSC_NO_HASH_BASE64, CSC_NO_HASH_LENGTH, CSC_NO_STAMP_DIGEST, CSC_NO_NONCE);

/* ---- Methods ---- */

const struct csc_method csc_methods_v1[] = {
    {"info", CSC_NO_TOKEN, CSC_ALWAYS, of_info, no_none, csc_info},
    {"auth/login", CSC_NO_TOKEN, CSC_EXPLICIT, of_login_v1, no_login, csc_login},
    {"auth/revoke", CSC_CREDENTIAL, CSC_ALWAYS, of_revoke, no_revoke, csc_revoke},
    {"credentials/list", CSC_SERVICE, CSC_ALWAYS, of_list_v1, no_list_v1, csc_list_v1},
    {"credentials/info", CSC_CREDENTIAL, CSC_ALWAYS, of_show, no_show, csc_show},
    {"credentials/authorize", CSC_SERVICE, CSC_EXPLICIT, of_authorize_v1, no_authorize_v1, csc_authorize_v1},
    {"credentials/extendTransaction", CSC_CREDENTIAL, CSC_ALWAYS, of_extend_v1, no_extend_v1, csc_extend},
    {"credentials/sendOTP", CSC_SERVICE, CSC_EXPLICIT, of_send_otp, no_otp, csc_send_otp},
    {"signatures/signHash", CSC_CREDENTIAL, CSC_ALWAYS, of_sign_hash_v1, no_sign_hash_v1, csc_sign_hash},
    {"signatures/timestamp", CSC_CREDENTIAL, CSC_STAMPING, of_timestamp, no_timestamp, csc_timestamp},
    {.name = NULL},
};

const struct csc_method csc_methods_v2[] = {
    {"info", CSC_NO_TOKEN, CSC_ALWAYS, of_info, no_none, csc_info},
    {"auth/login", CSC_NO_TOKEN, CSC_EXPLICIT, of_login_v2, no_login, csc_login},
    {"auth/revoke", CSC_CREDENTIAL, CSC_ALWAYS, of_revoke, no_revoke, csc_revoke},
    {"credentials/list", CSC_SERVICE, CSC_ALWAYS, of_list_v2, no_list_v2, csc_list_v2},
    {"credentials/info", CSC_CREDENTIAL, CSC_ALWAYS, of_show, no_show, csc_show},
    {"credentials/authorize", CSC_SERVICE, CSC_EXPLICIT, of_authorize_v2, no_authorize_v2, csc_authorize_v2},
    {"credentials/authorizeCheck", CSC_SERVICE, CSC_NEVER, of_check, no_check, csc_no_handle},
    {"credentials/getChallenge", CSC_SERVICE, CSC_EXPLICIT, of_challenge, no_challenge, csc_challenge},
    {"credentials/extendTransaction", CSC_CREDENTIAL, CSC_ALWAYS, of_extend_v2, no_extend_v2, csc_extend},
    {"signatures/signHash", CSC_CREDENTIAL, CSC_ALWAYS, of_sign_hash_v2, no_sign_hash_v2, csc_sign_hash},
    {"signatures/signDoc", CSC_CREDENTIAL, CSC_ALWAYS, of_sign_document, no_sign_document, csc_sign_document},
    {"signatures/signPolling", CSC_CREDENTIAL, CSC_ALWAYS, of_poll, no_poll, csc_poll},
    {"signatures/timestamp", CSC_CREDENTIAL, CSC_STAMPING, of_timestamp, no_timestamp, csc_timestamp},
    {.name = NULL},
};

const struct csc_method *csc_method_find(unsigned version, slice name)
{
    const struct csc_method *m = version == 1 ? csc_methods_v1 : csc_methods_v2;
    for (; m->name != NULL; m++)
        if (slice_is(name, m->name)) return m;
    return NULL;
}
