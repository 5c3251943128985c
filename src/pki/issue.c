/* SPDX-License-Identifier: EUPL-1.2 */
typedef int issue_is_empty;
