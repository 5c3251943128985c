/* SPDX-License-Identifier: EUPL-1.2
 *
 * The marks of a broken RSA modulus: used by key_check.c only.
 */
#ifndef PKI_KEY_CHECK_RSA_H
#define PKI_KEY_CHECK_RSA_H

#include "base/slice.h"

/** RFD_OK, RFD_E_KEY_WEAK with what was found, RFD_E_MEMORY. `modulus`: big-endian, odd. */
rfd_status key_check_rsa_modulus(slice modulus, struct rfd_error *error) RFD_MUST_CHECK;

#endif
