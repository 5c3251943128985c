/* SPDX-License-Identifier: EUPL-1.2
 *
 * Prints who signed a PDF, when, and whether it can be relied on.
 *
 *   who-signed FILE.pdf ANCHORS
 */
#include <refrenda.h>

#include <stdio.h>

static void print_signature(const struct rfd_signature_report *s)
{
    (void)printf("%s: %s", s->field, rfd_indication_name(s->indication));
    if (s->sub_indication != RFD_SUB_NONE) (void)printf(" (%s)", rfd_sub_indication_name(s->sub_indication));
    (void)printf(", signed by %s\n", s->signer);
    for (size_t i = 0; i < s->finding_count; i++) {
        if (s->findings[i].severity != RFD_SEVERITY_INFO)
            (void)printf("  %s %s\n", rfd_finding_message(s->findings[i].code), s->findings[i].detail);
    }
}

int main(int argc, char **argv)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct rfd_trust *trust = NULL;
    struct rfd_verification *verification = NULL;
    if (argc != 3) {
        (void)fprintf(stderr, "usage: %s FILE.pdf ANCHORS\n", argv[0]);
        return 64;
    }
    rfd_status status = rfd_trust_new(&trust, &error);
    if (status == RFD_OK) status = rfd_trust_add_path(trust, argv[2], &error);
    if (status == RFD_OK) {
        struct rfd_verify_options options = RFD_VERIFY_OPTIONS_INIT;
        options.trust = trust;
        status = rfd_verify_file(argv[1], &options, &verification, &error);
    }
    if (status != RFD_OK) (void)fprintf(stderr, "%s (%s)\n", rfd_status_message(status), error.detail);
    for (size_t i = 0; verification != NULL && i < rfd_verification_count(verification); i++)
        print_signature(rfd_verification_signature(verification, i));
    rfd_verification_free(verification);
    rfd_trust_free(trust);
    return status == RFD_OK ? 0 : 1;
}
