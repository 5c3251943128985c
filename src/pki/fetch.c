/* SPDX-License-Identifier: EUPL-1.2 */
typedef int fetch_is_empty;
