/* SPDX-License-Identifier: EUPL-1.2 */
typedef int key_external_is_empty;
