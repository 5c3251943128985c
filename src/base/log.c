/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/log.h"
