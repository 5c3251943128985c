/* SPDX-License-Identifier: EUPL-1.2 */
typedef int cms_verify_is_empty;
