/* SPDX-License-Identifier: EUPL-1.2 */
typedef int sign_memory_is_empty;
