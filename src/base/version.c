/* SPDX-License-Identifier: EUPL-1.2 */
#include <refrenda/base.h>

#ifndef REFRENDA_VERSION
#define REFRENDA_VERSION "0.1.0"
#endif

const char *rfd_version(void)
{
    return REFRENDA_VERSION;
}
