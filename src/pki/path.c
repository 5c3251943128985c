/* SPDX-License-Identifier: EUPL-1.2 */
typedef int path_is_empty;
