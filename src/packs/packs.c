/* SPDX-License-Identifier: EUPL-1.2 */
#include "packs/packs.h"
