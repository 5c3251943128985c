/* SPDX-License-Identifier: EUPL-1.2
 *
 * The common passwords, as embed_passwords.py writes them: `common_password_count` times COMMON_HASH_SIZE octets.
 */
#ifndef DOMAIN_ACCOUNT_COMMON_TABLE_H
#define DOMAIN_ACCOUNT_COMMON_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum { COMMON_HASH_SIZE = 5 };
extern const uint8_t common_passwords[];
extern const size_t common_password_count;

#endif
