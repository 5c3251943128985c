/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/report/report_words.h"

#include "base/i18n.h"

#include <string.h>

/* --- Verdicts ---------------------------------------------------------------------------------------------------- */

enum report_tone report_tone_of(enum rfd_indication indication)
{
    static const enum report_tone tones[] = {
        [RFD_TOTAL_PASSED] = REPORT_GOOD, [RFD_INDETERMINATE] = REPORT_DOUBT, [RFD_TOTAL_FAILED] = REPORT_BAD};
    return tones[indication];
}

const char *report_verdict_word(enum rfd_indication indication, enum rfd_signature_kind kind)
{
    /* A time stamp's words are its own: in many languages they have another gender than a signature's. */
    static const char *const words[][2] = {
        [RFD_TOTAL_PASSED] = {N_("Valid"), N_("Valid time stamp")},
        [RFD_INDETERMINATE] = {N_("Could not be confirmed"), N_("Time stamp that could not be confirmed")},
        [RFD_TOTAL_FAILED] = {N_("Not valid"), N_("Time stamp that is not valid")},
    };
    return words[indication][kind == RFD_KIND_DOCUMENT_TIMESTAMP];
}

const char *report_kind_name(enum rfd_signature_kind kind)
{
    static const char *const names[] = {
        [RFD_KIND_APPROVAL] = N_("Signature"),
        [RFD_KIND_ENDORSEMENT] = N_("Endorsement (visto bueno)"),
        [RFD_KIND_CERTIFICATION] = N_("Certification"),
        [RFD_KIND_DOCUMENT_TIMESTAMP] = N_("Document time stamp"),
    };
    return names[kind];
}

const char *report_passed_meaning(enum rfd_signature_kind kind)
{
    static const char *const meanings[] = {
        [RFD_KIND_APPROVAL] =
            N_("What was signed is unaltered, and the signer is identified by a certificate that is trusted here."),
        [RFD_KIND_ENDORSEMENT] =
            N_("What was endorsed is unaltered, and who gave the visto bueno is identified by a certificate that is "
               "trusted here."),
        [RFD_KIND_CERTIFICATION] =
            N_("What was certified is unaltered, its author is identified by a certificate that is trusted here, and "
               "nothing was done to it beyond what the author permits."),
        [RFD_KIND_DOCUMENT_TIMESTAMP] = N_("It proves that the document existed in this form at that time."),
    };
    return meanings[kind];
}

#define ASK_FOR_ORIGINAL N_("Do not rely on this document. Ask whoever sent it for the original file.")
#define ASK_TO_SIGN_ANEW N_("Do not rely on this signature. Ask the signer to sign again.")
#define ASK_FOR_PROOF                                                                                                  \
    N_("If the document matters to you, ask for a copy with a time stamp from that time, or ask the signer to sign "   \
       "again.")
#define CHECK_LATER N_("Check the document again later, or where there is a connection to the internet.")
#define ADD_AUTHORITY                                                                                                  \
    N_("This does not mean that the signature is false. If you know the authority that issued the certificate, have "  \
       "it added to the trusted ones and check again.")
#define UPDATED_PROGRAM N_("Ask the signer to sign again with an up-to-date program.")

const struct report_advice *report_sub_indication(enum rfd_sub_indication sub)
{
    static const struct report_advice words[] = {
        [RFD_SUB_NONE] = {N_("What was found is not enough to decide."), N_("Ask the signer to confirm the document.")},
        [RFD_SUB_FORMAT_FAILURE] = {N_("The signature is not well formed, or the document was changed after signing in "
                                       "a way that the signature does not permit."),
                                    ASK_FOR_ORIGINAL},
        [RFD_SUB_HASH_FAILURE] = {N_("This is not the document that was signed: it was altered afterwards."),
                                  ASK_FOR_ORIGINAL},
        [RFD_SUB_SIG_CRYPTO_FAILURE] = {N_("The signature was not made with the certificate that it shows."),
                                        ASK_TO_SIGN_ANEW},
        [RFD_SUB_REVOKED] = {N_("The certificate had been revoked when the signature was made."), ASK_TO_SIGN_ANEW},
        [RFD_SUB_EXPIRED] = {N_("The certificate had expired when the signature was made."), ASK_TO_SIGN_ANEW},
        [RFD_SUB_NOT_YET_VALID] = {N_("The certificate was not valid yet when the signature was made."),
                                   ASK_TO_SIGN_ANEW},
        [RFD_SUB_SIG_CONSTRAINTS_FAILURE] = {N_("The signature lacks something that the rules for signatures of its "
                                                "kind demand."),
                                             UPDATED_PROGRAM},
        [RFD_SUB_CHAIN_CONSTRAINTS_FAILURE] = {N_("The certificate, or one of those above it, was not issued for this "
                                                  "use."),
                                               N_("Ask the signer which certificate was used and what it is meant "
                                                  "for.")},
        [RFD_SUB_CERTIFICATE_CHAIN_GENERAL_FAILURE] = {N_("The chain of certificates from the signer up to a trusted "
                                                          "authority could not be verified."),
                                                       CHECK_LATER},
        [RFD_SUB_CRYPTO_CONSTRAINTS_FAILURE] = {N_("The signature was made with an algorithm that was no longer "
                                                   "considered secure at that time."),
                                                UPDATED_PROGRAM},
        [RFD_SUB_POLICY_PROCESSING_ERROR] = {N_("The signature follows a policy that could not be understood."),
                                             N_("Ask the signer, or whoever wrote the policy, how to check it.")},
        [RFD_SUB_SIGNATURE_POLICY_NOT_AVAILABLE] = {N_("The signature follows a policy that is not available here."),
                                                    N_("Ask the signer, or whoever wrote the policy, how to check "
                                                       "it.")},
        [RFD_SUB_TIMESTAMP_ORDER_FAILURE] = {N_("The times of its time stamps contradict each other."),
                                             ASK_TO_SIGN_ANEW},
        [RFD_SUB_NO_SIGNING_CERTIFICATE_FOUND] = {N_("The signer's certificate is missing, so that nobody can tell who "
                                                     "signed."),
                                                  ASK_TO_SIGN_ANEW},
        [RFD_SUB_NO_CERTIFICATE_CHAIN_FOUND] = {N_("The certificate was not issued by an authority that is trusted "
                                                   "here."),
                                                ADD_AUTHORITY},
        [RFD_SUB_REVOKED_NO_POE] = {N_("The certificate is revoked, and nothing proves that the signature was made "
                                       "before."),
                                    ASK_FOR_PROOF},
        [RFD_SUB_REVOKED_CA_NO_POE] = {N_("The certificate of an authority in the chain is revoked, and nothing proves "
                                          "that the signature was made before."),
                                       ASK_FOR_PROOF},
        [RFD_SUB_OUT_OF_BOUNDS_NO_POE] = {N_("The certificate is not valid now, and nothing proves that the signature "
                                             "was made while it was."),
                                          ASK_FOR_PROOF},
        [RFD_SUB_OUT_OF_BOUNDS_NOT_REVOKED] = {N_("The certificate has expired. It was not revoked before, but nothing "
                                                  "proves that the signature was made while it was valid."),
                                               ASK_FOR_PROOF},
        [RFD_SUB_REVOCATION_OUT_OF_BOUNDS_NO_POE] = {N_("The evidence that the certificate was not revoked comes from "
                                                        "an authority whose own certificate is no longer valid."),
                                                     ASK_FOR_PROOF},
        [RFD_SUB_CRYPTO_CONSTRAINTS_FAILURE_NO_POE] = {N_("The signature uses an algorithm that is no longer "
                                                          "considered secure, and nothing proves that it was made "
                                                          "while it was."),
                                                       ASK_FOR_PROOF},
        [RFD_SUB_NO_POE] = {N_("Nothing proves that the signature existed at the time when it would have been valid."),
                            ASK_FOR_PROOF},
        [RFD_SUB_TRY_LATER] = {N_("Whether the certificate had been revoked could not be found out."), CHECK_LATER},
        [RFD_SUB_SIGNED_DATA_NOT_FOUND] = {N_("What was signed could not be found in the file."), ASK_FOR_ORIGINAL},
    };
    return &words[sub];
}

/* --- Changes, levels, revocation --------------------------------------------------------------------------------- */

const char *report_change_words(enum rfd_change_level changes, bool allowed)
{
    static const char *const words[][2] = {
        [RFD_CHANGE_NONE] = {N_("Nothing was changed."),
                             N_("The document was changed in a way that this signature does not permit.")},
        [RFD_CHANGE_LTA] = {N_("Only evidence and time stamps for long-term keeping were added."),
                            N_("Evidence or time stamps were added in a way that this signature does not permit.")},
        [RFD_CHANGE_FORM] = {N_("Signatures were added or form fields filled in, which this signature permits."),
                             N_("Signatures were added or form fields filled in, which this signature does not "
                                "permit.")},
        [RFD_CHANGE_ANNOTATION] = {N_("Annotations were changed, which this signature permits."),
                                   N_("Annotations were changed, which this signature does not permit.")},
        [RFD_CHANGE_OTHER] = {N_("The document was changed in a way that this signature permits."),
                              N_("The document was changed in a way that this signature does not permit.")},
    };
    return words[changes][allowed ? 0 : 1];
}

const char *report_level_name(enum rfd_level level)
{
    static const char *const names[] = {"PAdES B-B", "PAdES B-T", "PAdES B-LT", "PAdES B-LTA"};
    return names[level];
}

const char *report_level_words(enum rfd_level level)
{
    static const char *const words[] = {
        [RFD_LEVEL_B_B] = N_("A basic signature, without a proof of its time."),
        [RFD_LEVEL_B_T] = N_("A signature with a proof of its time."),
        [RFD_LEVEL_B_LT] = N_("A signature with a proof of its time and the evidence to check it later."),
        [RFD_LEVEL_B_LTA] = N_("A signature prepared for long-term keeping."),
    };
    return words[level];
}

const char *report_revocation_words(enum rfd_revocation_state state)
{
    static const char *const words[] = {
        [RFD_REVOCATION_UNKNOWN] = N_("It could not be found out whether it was revoked"),
        [RFD_REVOCATION_GOOD] = N_("Not revoked"),
        [RFD_REVOCATION_REVOKED] = N_("Revoked"),
        [RFD_REVOCATION_HELD] = N_("Suspended"),
        [RFD_REVOCATION_NOT_NEEDED] = N_("Needs no check of revocation"),
    };
    return words[state];
}

const char *report_source_words(const char *source)
{
    static const struct {
        const char *source, *words;
    } table[] = {
        {"ocsp, signature", N_("OCSP response inside the signature")},
        {"ocsp, document", N_("OCSP response kept in the document")},
        {"ocsp, trust", N_("OCSP response given for this check")},
        {"ocsp, network", N_("OCSP response fetched from the authority")},
        {"crl, signature", N_("revocation list inside the signature")},
        {"crl, document", N_("revocation list kept in the document")},
        {"crl, trust", N_("revocation list given for this check")},
        {"crl, network", N_("revocation list fetched from the authority")},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(source, table[i].source) == 0) return table[i].words;
    }
    return "";
}

/* --- Advice ------------------------------------------------------------------------------------------------------ */

#define COMPARE_VERSIONS N_("Only the version that was signed is covered: compare this document with it.")
#define OPEN_WITH_CARE   N_("Open it only in a program that does not run scripts or other programs.")

const char *report_finding_advice(enum rfd_finding_code code)
{
    static const struct {
        enum rfd_finding_code first, last;
        const char *advice;
    } table[] = {
        {RFD_FINDING_BYTE_RANGE_MISSING, RFD_FINDING_SIGNATURE_WRONG, ASK_FOR_ORIGINAL},
        {RFD_FINDING_SIGNING_CERTIFICATE_MISMATCH, RFD_FINDING_SIGNING_CERTIFICATE_MISMATCH, ASK_FOR_ORIGINAL},
        {RFD_FINDING_CONTENT_TYPE_MISMATCH, RFD_FINDING_CONTENT_TYPE_MISMATCH, ASK_FOR_ORIGINAL},
        {RFD_FINDING_ALGORITHMS_INCONSISTENT, RFD_FINDING_ALGORITHM_WEAK, UPDATED_PROGRAM},
        {RFD_FINDING_CHANGE_UNREFERENCED, RFD_FINDING_CHANGE_UNREFERENCED, COMPARE_VERSIONS},
        {RFD_FINDING_CHANGE_NOT_PERMITTED, RFD_FINDING_CHANGE_UNREADABLE, COMPARE_VERSIONS},
        {RFD_FINDING_PATH_NOT_FOUND, RFD_FINDING_PATH_NOT_FOUND, ADD_AUTHORITY},
        {RFD_FINDING_CERTIFICATE_EXPIRED, RFD_FINDING_CERTIFICATE_ON_HOLD, ASK_FOR_PROOF},
        {RFD_FINDING_REVOCATION_UNKNOWN, RFD_FINDING_REVOCATION_UNKNOWN, CHECK_LATER},
        {RFD_FINDING_TIMESTAMP_UNTRUSTED, RFD_FINDING_TIMESTAMP_UNTRUSTED, ADD_AUTHORITY},
        {RFD_FINDING_ACTIVE_CONTENT, RFD_FINDING_ACTIVE_CONTENT, OPEN_WITH_CARE},
        {RFD_FINDING_FILE_DAMAGED, RFD_FINDING_FILE_DAMAGED, ASK_FOR_ORIGINAL},
        {RFD_FINDING_CERT_WITH_CADES, RFD_FINDING_CERT_WITH_CADES, UPDATED_PROGRAM},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (code >= table[i].first && code <= table[i].last) return table[i].advice;
    }
    return "";
}
