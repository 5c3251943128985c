/* SPDX-License-Identifier: EUPL-1.2
 *
 * Where the running program is. What is installed with it (catalogues, packs, the drawing program) is looked for from
 * there, so that it is found below any prefix, and in a build folder.
 */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include <stddef.h>

/** The folder of the running program, without a slash at its end; "" when it cannot be told or is too long. */
void program_folder(char *folder, size_t size);

#endif
