/* SPDX-License-Identifier: EUPL-1.2 */
#include "template/template.h"
