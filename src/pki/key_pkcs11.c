/* SPDX-License-Identifier: EUPL-1.2 */
typedef int key_pkcs11_is_empty;
