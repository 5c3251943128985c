/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/program.h"

#include <string.h>
#include <unistd.h>

void program_folder(char *folder, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", folder, size);
    folder[length < 0 || (size_t)length >= size ? 0 : length] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash != NULL) *slash = '\0';
}
