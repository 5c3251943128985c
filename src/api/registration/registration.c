/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/registration/registration.h"
