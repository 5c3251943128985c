/* SPDX-License-Identifier: EUPL-1.2 */
typedef int difference_is_empty;
