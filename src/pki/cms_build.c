/* SPDX-License-Identifier: EUPL-1.2 */
typedef int cms_build_is_empty;
