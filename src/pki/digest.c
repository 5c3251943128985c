/* SPDX-License-Identifier: EUPL-1.2 */
typedef int digest_is_empty;
