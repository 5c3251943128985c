/* SPDX-License-Identifier: EUPL-1.2 */
typedef int ocsp_is_empty;
