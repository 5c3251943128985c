/* SPDX-License-Identifier: EUPL-1.2 */
typedef int key_pem_is_empty;
