/* SPDX-License-Identifier: EUPL-1.2 */
typedef int trust_is_empty;
