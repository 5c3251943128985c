/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/account/security_code.h"
