/* SPDX-License-Identifier: EUPL-1.2 */
typedef int seed_values_is_empty;
