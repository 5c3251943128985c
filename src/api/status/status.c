/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/status/status.h"
