/* SPDX-License-Identifier: EUPL-1.2 */
typedef int document_info_is_empty;
