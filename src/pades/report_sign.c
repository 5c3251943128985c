/* SPDX-License-Identifier: EUPL-1.2 */
typedef int report_sign_is_empty;
