/* SPDX-License-Identifier: EUPL-1.2
 *
 * A master key that a TPM 2.0 keeps: 32 random octets, sealed under the storage hierarchy's primary key, so that the
 * key stores open on this machine only. tpm2-tools do the work ($TPM2TOOLS_TCTI names another TPM than the kernel's);
 * they are run before the sandbox is entered. The sealed octets are in the file "master.tpm" of the folder of the
 * stores. They are not bound to the state of the boot (PCRs): updates of the firmware change that. When the machine
 * breaks, a backup opens with its own passphrase (refrenda ca backup), not with this.
 */
#ifndef KEEPER_MASTER_TPM_H
#define KEEPER_MASTER_TPM_H

#include "keeper/master.h"

#define MASTER_TPM      "tpm"        /* in place of a credential's name: the TPM */
#define MASTER_TPM_FILE "master.tpm" /* of the folder of the stores */

/** Makes octets, seals them, and writes the file. RFD_E_EXISTS when it is there, RFD_E_KEYSTORE_MASTER when the TPM or
 * its tools do not work. */
rfd_status master_tpm_make(const char *folder, struct master *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Unseals them. RFD_E_IO_READ without the file, RFD_E_KEYSTORE_MASTER when this TPM does not open it. */
rfd_status master_tpm_open(const char *folder, struct master *out, struct rfd_error *error) RFD_MUST_CHECK;

/** What settings call a credential: a path (with a "/"), MASTER_TPM, or a name in $CREDENTIALS_DIRECTORY (systemd's
 * LoadCredentialEncrypted=). `folder` is that of the stores; while it has none, the TPM's file is made. RFD_E_SETTINGS
 * for a name when there is no such folder, and as above. */
rfd_status master_from_credential(const char *name, const char *folder, struct master *out,
                                  struct rfd_error *error) RFD_MUST_CHECK;

#endif
