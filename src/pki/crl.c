/* SPDX-License-Identifier: EUPL-1.2 */
typedef int crl_is_empty;
