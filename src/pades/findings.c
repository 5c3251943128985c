/* SPDX-License-Identifier: EUPL-1.2 */
typedef int findings_is_empty;
