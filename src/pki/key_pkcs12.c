/* SPDX-License-Identifier: EUPL-1.2 */
typedef int key_pkcs12_is_empty;
