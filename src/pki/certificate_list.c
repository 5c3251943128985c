/* SPDX-License-Identifier: EUPL-1.2 */
typedef int certificate_list_is_empty;
