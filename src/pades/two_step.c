/* SPDX-License-Identifier: EUPL-1.2 */
typedef int two_step_is_empty;
