/* SPDX-License-Identifier: EUPL-1.2 */
typedef int fields_is_empty;
