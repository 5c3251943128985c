/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/web.h"
