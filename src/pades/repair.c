/* SPDX-License-Identifier: EUPL-1.2 */
typedef int repair_is_empty;
