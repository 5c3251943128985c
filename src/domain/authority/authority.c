/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/authority/authority.h"
