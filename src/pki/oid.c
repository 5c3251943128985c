/* SPDX-License-Identifier: EUPL-1.2 */
typedef int oid_is_empty;
