/* SPDX-License-Identifier: EUPL-1.2
 *
 * Objects on a token, and what it says of them (PKCS#11 §5.7).
 */
#ifndef PKI_TOKEN_OBJECT_H
#define PKI_TOKEN_OBJECT_H

#include "pki/keys/token.h"

struct token_objects {
    CK_OBJECT_HANDLE handles[TOKEN_OBJECTS_MAXIMUM];
    CK_ULONG count;
};

/** Those that fit the template, at most TOKEN_OBJECTS_MAXIMUM. */
CK_RV token_find_objects(struct token *t, CK_ATTRIBUTE *template, CK_ULONG attributes, struct token_objects *out);
/** At most `*length` octets of an attribute; false when it is not there or longer. */
bool token_read_attribute(struct token *t, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, void *to, size_t *length);
/** `otherwise` when the token does not say. */
bool token_read_flag(struct token *t, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, bool otherwise);
/** Names and type of a private key. */
void token_read_key(struct token *t, CK_OBJECT_HANDLE object, struct token_key *key);

#endif
