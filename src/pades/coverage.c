/* SPDX-License-Identifier: EUPL-1.2 */
typedef int coverage_is_empty;
