/* SPDX-License-Identifier: EUPL-1.2 */
typedef int timestamp_is_empty;
