/* SPDX-License-Identifier: EUPL-1.2 */
#include "pdf/document.h"
