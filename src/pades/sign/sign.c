/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/sign_steps.h"

rfd_status rfd_sign_file(const char *input, const char *output, const struct rfd_sign_options *options,
                         struct rfd_sign_report **report, struct rfd_error *error)
{
    return sign_run_file("sign", input, output, options, sign_steps_all, report, error);
}
