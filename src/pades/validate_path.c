/* SPDX-License-Identifier: EUPL-1.2 */
typedef int validate_path_is_empty;
