/* SPDX-License-Identifier: EUPL-1.2 */
#include "pdf/create.h"
