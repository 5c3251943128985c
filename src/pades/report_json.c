/* SPDX-License-Identifier: EUPL-1.2 */
typedef int report_json_is_empty;
