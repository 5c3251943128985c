/* SPDX-License-Identifier: EUPL-1.2
 *
 * Exit statuses of the commands that write documents, by error code; the meanings are in commands.c.
 */
#include "cli/command.h"

enum { EXIT_DOCUMENT = 1, EXIT_KEY = 2, EXIT_NETWORK = 3, EXIT_INPUT = 4, EXIT_OUTPUT = 5 };

int exit_of_status(rfd_status status)
{
    switch (status) {
    case RFD_OK: return 0;
    case RFD_E_ARGUMENT:
    case RFD_E_TSA_MISSING:
    case RFD_E_TRUST_READ:
    case RFD_E_STAMP_TEMPLATE: return EXIT_USAGE;
    case RFD_E_MEMORY:
    case RFD_E_INTERNAL: return EXIT_INTERNAL;
    case RFD_E_IO_WRITE:
    case RFD_E_NO_SPACE:
    case RFD_E_EXISTS:
    case RFD_E_RENDER: return EXIT_OUTPUT;
    case RFD_E_IO_READ:
    case RFD_E_INPUT_CHANGED:
    case RFD_E_NOT_PDF:
    case RFD_E_PDF_DAMAGED:
    case RFD_E_PDF_PASSWORD:
    case RFD_E_PDF_ENCRYPTION:
    case RFD_E_PDF_SIGNED_DAMAGED:
    case RFD_E_LIMIT: return EXIT_INPUT;
    case RFD_E_KEY_READ:
    case RFD_E_KEY_PASSWORD:
    case RFD_E_KEY_MISMATCH:
    case RFD_E_KEY_WEAK:
    case RFD_E_KEY_ALGORITHM:
    case RFD_E_KEY_REFUSED:
    case RFD_E_TOKEN:
    case RFD_E_TOKEN_PIN:
    case RFD_E_TOKEN_PIN_LOCKED:
    case RFD_E_TOKEN_AMBIGUOUS:
    case RFD_E_TOKEN_NOT_FOUND:
    case RFD_E_SIGNING:
    case RFD_E_ACTIVATION_CODE:
    case RFD_E_ACTIVATION_PASSWORD:
    case RFD_E_ACTIVATION_ENDED:
    case RFD_E_CREDENTIAL_LOCKED:
    case RFD_E_CERTIFICATE_EXPIRED:
    case RFD_E_CERTIFICATE_NOT_YET_VALID:
    case RFD_E_CERTIFICATE_KEY_USAGE:
    case RFD_E_CERTIFICATE_REVOKED:
    case RFD_E_CERTIFICATE_UNTRUSTED:
    case RFD_E_CERTIFICATE_UNCHECKED: return EXIT_KEY;
    case RFD_E_TSP:
    case RFD_E_TSP_REFUSED:
    case RFD_E_OCSP:
    case RFD_E_CRL:
    case RFD_E_REMOTE_ANSWER:
    case RFD_E_REMOTE_REFUSED:
    case RFD_E_DEADLINE:
    case RFD_E_SLOW_DOWN:
    case RFD_E_NETWORK:
    case RFD_E_NETWORK_FORBIDDEN:
    case RFD_E_OFFLINE:
    case RFD_E_REVOCATION_MISSING: return EXIT_NETWORK;
    default: return EXIT_DOCUMENT;
    }
}
