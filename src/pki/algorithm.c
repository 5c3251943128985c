/* SPDX-License-Identifier: EUPL-1.2 */
typedef int algorithm_is_empty;
