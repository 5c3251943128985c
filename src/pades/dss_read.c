/* SPDX-License-Identifier: EUPL-1.2 */
typedef int dss_read_is_empty;
