/* SPDX-License-Identifier: EUPL-1.2 */
typedef int coverage_together_is_empty;
