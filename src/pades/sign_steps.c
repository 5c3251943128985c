/* SPDX-License-Identifier: EUPL-1.2 */
typedef int sign_steps_is_empty;
