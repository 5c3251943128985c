/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/list/list.h"
