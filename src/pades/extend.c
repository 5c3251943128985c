/* SPDX-License-Identifier: EUPL-1.2 */
typedef int extend_is_empty;
