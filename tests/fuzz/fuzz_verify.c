/* SPDX-License-Identifier: EUPL-1.2
 *
 * Opening and verifying a PDF from memory, off line and without anchors, and its report. Nothing may pass: there is
 * nobody to trust.
 */
#include <refrenda/verify.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rfd_verify_options options = RFD_VERIFY_OPTIONS_INIT;
    struct rfd_verification *v = NULL;
    rfd_bytes json = {0};
    options.offline = true;
    options.at = 1795000000 * RFD_SECOND;
    if (rfd_verify_memory((rfd_slice){data, size}, &options, &v, NULL) != RFD_OK) return 0;
    if (rfd_verification_indication(v) == RFD_TOTAL_PASSED) abort();
    if (rfd_verification_json(v, "fuzz.pdf", &json, NULL) == RFD_OK) rfd_bytes_free(&json);
    rfd_verification_free(v);
    return 0;
}
