/* SPDX-License-Identifier: EUPL-1.2 */
typedef int timestamp_document_is_empty;
