/* SPDX-License-Identifier: EUPL-1.2 */
typedef int demo_is_empty;
