/* SPDX-License-Identifier: EUPL-1.2 */
#include "pdf/page_text.h"
