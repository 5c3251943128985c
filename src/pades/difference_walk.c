/* SPDX-License-Identifier: EUPL-1.2 */
typedef int difference_walk_is_empty;
