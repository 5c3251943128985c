/* SPDX-License-Identifier: EUPL-1.2 */
typedef int validate_time_is_empty;
