/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/approval.h"
