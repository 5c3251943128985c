/* SPDX-License-Identifier: EUPL-1.2 */
typedef int der_is_empty;
