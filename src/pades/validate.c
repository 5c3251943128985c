/* SPDX-License-Identifier: EUPL-1.2 */
typedef int validate_is_empty;
