/* SPDX-License-Identifier: EUPL-1.2 */
typedef int revocation_is_empty;
