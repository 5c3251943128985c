/* SPDX-License-Identifier: EUPL-1.2 */
typedef int sign_is_empty;
