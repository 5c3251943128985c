/* SPDX-License-Identifier: EUPL-1.2 */
typedef int certificate_name_is_empty;
