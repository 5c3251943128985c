/* SPDX-License-Identifier: EUPL-1.2 */
#include "settings/settings.h"
