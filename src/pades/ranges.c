/* SPDX-License-Identifier: EUPL-1.2 */
typedef int ranges_is_empty;
