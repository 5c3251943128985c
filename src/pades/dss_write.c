/* SPDX-License-Identifier: EUPL-1.2 */
typedef int dss_write_is_empty;
