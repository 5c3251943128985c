/* SPDX-License-Identifier: EUPL-1.2 */
typedef int cms_parse_is_empty;
