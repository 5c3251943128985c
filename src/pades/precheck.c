/* SPDX-License-Identifier: EUPL-1.2 */
typedef int precheck_is_empty;
