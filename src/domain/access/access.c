/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/access/access.h"
