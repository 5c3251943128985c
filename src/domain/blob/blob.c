/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/blob/blob.h"
