/* SPDX-License-Identifier: EUPL-1.2
 *
 *   endurance signatures KIND COUNT [SAMPLE]   COUNT signatures, one in SAMPLE checked by openssl too
 *   endurance alterations MASKS                every byte of a signed document altered in MASKS ways
 *
 * Prints one line and ends with 1 when something failed.
 */
#include "endure.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    size_t count = 0, sample = 0, failed;
    if (argc >= 4 && strcmp(argv[1], "signatures") == 0 && sscanf(argv[3], "%zu", &count) == 1 &&
        (argc < 5 || sscanf(argv[4], "%zu", &sample) == 1)) {
        failed = endure_signatures(argv[2], count, sample);
        printf("%zu %s signatures, %zu of them checked by openssl too: %zu failed\n", count, argv[2],
               sample == 0 ? 0 : (count + sample - 1) / sample, failed);
    } else if (argc == 3 && strcmp(argv[1], "alterations") == 0 && sscanf(argv[2], "%zu", &count) == 1) {
        size_t tried = 0;
        failed = endure_alterations(count, &tried);
        printf("%zu alterations of a signed document: %zu passed\n", tried, failed);
    } else {
        (void)fprintf(stderr, "usage: endurance signatures KIND COUNT [SAMPLE] | alterations MASKS\n");
        return 2;
    }
    return failed == 0 ? 0 : 1;
}
