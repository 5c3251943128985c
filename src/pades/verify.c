/* SPDX-License-Identifier: EUPL-1.2 */
typedef int verify_is_empty;
