/* SPDX-License-Identifier: EUPL-1.2
 *
 * One token reached through p11-kit: finding it by its RFC 7512 address, logging in, and what lies on it. A PIN is
 * tried on one token only, never on several in turn: each wrong try counts towards locking a card.
 */
#ifndef PKI_TOKEN_H
#define PKI_TOKEN_H

#include "pki/certificate/certificate.h"

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>
#include <p11-kit/uri.h>

enum { TOKEN_ID_MAXIMUM = 64, TOKEN_OBJECTS_MAXIMUM = 64 };

struct token {
    CK_FUNCTION_LIST **modules; /* all of p11-kit's, or */
    CK_FUNCTION_LIST *alone;    /* the one of module-path= */
    CK_FUNCTION_LIST *module;   /* the token's, borrowed from either */
    CK_SLOT_ID slot;
    CK_TOKEN_INFO info;
    CK_SESSION_HANDLE session; /* 0 (CK_INVALID_HANDLE): none */
};

/** Loads modules, chooses the token and opens a session. A failed token is closed. RFD_E_TOKEN, _TOKEN_NOT_FOUND,
 * _TOKEN_AMBIGUOUS. */
rfd_status token_open(P11KitUri *uri, struct token *out, struct rfd_error *error) RFD_MUST_CHECK;
void token_close(struct token *t);
/** Logs the user in when the token wants it; a reader with its own PIN pad needs no PIN. A login holds for the whole
 * process (PKCS#11 §5.6): while another key of the token is open, the PIN is not looked at. RFD_E_TOKEN_PIN,
 * _TOKEN_PIN_LOCKED, _TOKEN. */
rfd_status token_login(struct token *t, slice pin, struct rfd_error *error) RFD_MUST_CHECK;
/** The login before each signature that some keys want (CKA_ALWAYS_AUTHENTICATE); a signature must be under way. */
rfd_status token_login_again(struct token *t, slice pin, struct rfd_error *error) RFD_MUST_CHECK;
/** A new session in place of the old one, which is stuck in an operation. */
void token_renew_session(struct token *t);
/** What a module's failure means to us; `otherwise` for what it says nothing special about. */
rfd_status token_error(CK_RV result, rfd_status otherwise, const char *what, struct rfd_error *error);

struct token_key {
    CK_OBJECT_HANDLE object;
    CK_KEY_TYPE type;
    bool always_authenticate;
    uint8_t id[TOKEN_ID_MAXIMUM];
    size_t id_length;
    char label[TOKEN_ID_MAXIMUM];
};
/** The one private key that signs and fits the address. RFD_E_TOKEN_NOT_FOUND, _TOKEN_AMBIGUOUS with all of them in the
 * detail. */
rfd_status token_find_key(struct token *t, P11KitUri *uri, struct token_key *out,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** The key's certificate, by CKA_ID or else by label; NULL in `out` when the token has none. */
rfd_status token_find_certificate(struct token *t, const struct token_key *key, const struct certificate **out,
                                  struct rfd_error *error) RFD_MUST_CHECK;
/** All certificates on the token that can be read. */
rfd_status token_read_certificates(struct token *t, struct certificate_list *out,
                                   struct rfd_error *error) RFD_MUST_CHECK;
/** How an object is named on its token. */
struct token_object {
    uint8_t id[TOKEN_ID_MAXIMUM];
    size_t id_length;
    char label[TOKEN_ID_MAXIMUM];
};
/** Calls `take` for each certificate that can be read, until it says false. */
typedef bool token_take_certificate(void *context, const struct token_object *object, const struct certificate *c);
rfd_status token_each_certificate(struct token *t, token_take_certificate *take, void *context,
                                  struct rfd_error *error) RFD_MUST_CHECK;
/** Whether any object that is visible now fits the object part of the address. */
bool token_has_object(struct token *t, P11KitUri *uri);

#endif
