/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/authority_policy.h"
