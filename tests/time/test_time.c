/* SPDX-License-Identifier: EUPL-1.2
 *
 * What signatures are worth as years go by: a table of stories (script.h tells how to read them), each with what
 * EN 319 102-1 V1.3.1 makes of it. Where the standard leaves the choice to a policy, the row says so and gives ours.
 */
#include "script.h"

#include "../unit/pki_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Root answers by lists, Issuing by OCSP and lists; both forget certificates that have ended. */
#define ROOT                                                                                                           \
    "ca Root 2000 2060 no-ocsp\n"                                                                                      \
    "ca Issuing 2010 2050 by=Root\n"                                                                                   \
    "ocsp Responder 2010 2050 by=Issuing nocheck\n"
#define WORLD                                                                                                          \
    ROOT "tsa Clock 2024 2030 by=Root\n"                                                                               \
         "person Alba 2025 2027 by=Issuing\n"
/* The same, but both remember for ever. */
#define REMEMBERING                                                                                                    \
    "ca Root 2000 2060 no-ocsp remembers\n"                                                                            \
    "ca Issuing 2005 2050 by=Root remembers\n"                                                                         \
    "ocsp Responder 2005 2050 by=Issuing nocheck\n"                                                                    \
    "tsa Clock 2010 2040 by=Root\n"

struct row {
    const char *name, *story;
};

static const struct row rows[] = {
    /* --- The signer's certificate ends --------------------------------------------------------------------------- */

    /* §5.3.4: everything holds now. */
    {"B-B while the certificate lives", WORLD "2026-03 sign Alba B-B\n"
                                              "2026-04 verify Alba PASSED level=B-B proven=none +no-time-proof\n"},
    /* §5.2.6.4 step 4: outside its validity, and nobody tells that it was not revoked until then. */
    {"B-B, the certificate ended", WORLD
     "2026-03 sign Alba B-B\n"
     "2028 verify Alba INDETERMINATE OUT_OF_BOUNDS_NO_POE +certificate-expired\n"},
    /* §5.2.6.4 step 4: the same, but known not to have been revoked. */
    {"B-B, the certificate ended unrevoked", REMEMBERING
     "person Alba 2025 2027 by=Issuing\n"
     "2026-03 sign Alba B-B\n"
     "2028 verify Alba INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED +certificate-expired\n"},
    /* §5.5.4 step 4 b, §5.6.2.4: the proof lies in the certificate's life, but no evidence speaks for it: OCSP without
     * archiveCutoff (RFC 6960 §4.4.4) and lists without expiredCertsOnCRL (X.509 §9.5.2.8) are silent by now. */
    {"B-T, the certificate ended, its authority forgets", WORLD
     "2026-03 sign Alba B-T tsa=Clock\n"
     "2026-04 verify Alba PASSED level=B-T proven=2026-03\n"
     "2028 verify Alba INDETERMINATE OUT_OF_BOUNDS_NO_POE\n"},
    /* The same with archiveCutoff: §5.6.2.4 finds it unrevoked. */
    {"B-T, the certificate ended, archiveCutoff", REMEMBERING
     "person Alba 2025 2027 by=Issuing\n"
     "2026-03 sign Alba B-T tsa=Clock\n"
     "2028 verify Alba PASSED proven=2026-03\n"},
    {"B-T, the certificate ended, a list without expiredCertsOnCRL",
     "ca Root 2000 2060 no-ocsp\n"
     "tsa Clock 2024 2030 by=Root\n"
     "person Alba 2025 2027 by=Root\n"
     "2026-03 sign Alba B-T tsa=Clock\n"
     "2028 verify Alba INDETERMINATE OUT_OF_BOUNDS_NO_POE\n"},
    {"B-T, the certificate ended, a list with expiredCertsOnCRL",
     "ca Root 2000 2060 no-ocsp remembers\n"
     "tsa Clock 2024 2030 by=Root\n"
     "person Alba 2025 2027 by=Root\n"
     "2026-03 sign Alba B-T tsa=Clock\n"
     "2028 verify Alba PASSED proven=2026-03\n"},
    /* §5.6.2.2: the evidence inside is from after the proof; control-time slides to its issuance, when all was good. */
    {"B-LT, the certificate ended", WORLD "2026-03 sign Alba B-LT tsa=Clock\n"
                                          "2026-04 verify Alba PASSED level=B-LT\n"
                                          "2028 verify Alba PASSED level=B-LT proven=2026-03\n"},
    {"B-LTA, the certificate ended", WORLD "2026-03 sign Alba B-LTA tsa=Clock\n"
                                           "2028 verify Alba PASSED level=B-LTA proven=2026-03\n"
                                           "2029 verify #2 PASSED\n"},
    /* §5.2.6.4: the validity of an anchor's certificate is not looked at (RFC 5280 §6.1.1 (d)); ours by design. */
    {"the anchor's certificate ended", "ca Root 2000 2027-06 no-ocsp\n"
                                       "ca Times 2000 2060 no-ocsp\n"
                                       "tsa Clock 2024 2030 by=Times\n"
                                       "person Alba 2025 2027 by=Root\n"
                                       "2026-03 sign Alba B-LTA tsa=Clock\n"
                                       "2028 verify Alba PASSED level=B-LTA\n"},

    /* --- The signer's certificate is revoked ---------------------------------------------------------------------- */

    /* §5.2.6.4 step 5, §5.3.4: revoked, and nothing proves that the signature is older. */
    {"B-B, revoked later", WORLD "2026-03 sign Alba B-B\n"
                                 "2026-06 revoke Alba\n"
                                 "2026-07 verify Alba INDETERMINATE REVOKED_NO_POE +certificate-revoked\n"},
    /* §5.5.4 step 4 a: the proof is older than the revocation. */
    {"B-T, revoked after the proof", WORLD "2026-03 sign Alba B-T tsa=Clock\n"
                                           "2026-06 revoke Alba\n"
                                           "2026-07 verify Alba PASSED proven=2026-03 +certificate-revoked\n"},
    {"B-T, its key compromised after the proof", WORLD "2026-03 sign Alba B-T tsa=Clock\n"
                                                       "2026-06 revoke Alba reason=1\n"
                                                       "2026-07 verify Alba PASSED proven=2026-03\n"},
    /* §5.5.4 step 4 a: the revocation counts from the date that it gives, whenever it became known. */
    {"B-T, revoked later with an earlier date", WORLD "2026-03 sign Alba B-T tsa=Clock\n"
                                                      "2026-06 revoke Alba at=2026-02 reason=1\n"
                                                      "2026-07 verify Alba INDETERMINATE REVOKED_NO_POE\n"},
    /* §5.5.4 step 4 a compares the revocation time only; EN 319 102-1 gives invalidityDate (RFC 5280 §5.3.2) no part. */
    {"B-T, invalid from before the proof", WORLD "2026-03 sign Alba B-T tsa=Clock\n"
                                                 "2026-06 revoke Alba invalid=2026-02 reason=1\n"
                                                 "2026-07 verify Alba PASSED proven=2026-03\n"},
    {"proof only after the revocation", WORLD "2026-03 sign Alba B-B\n"
                                              "2026-04 revoke Alba\n"
                                              "2026-05 stamp tsa=Clock\n"
                                              "2026-06 verify Alba INDETERMINATE REVOKED_NO_POE proven=2026-05\n"},
    /* §5.1.4.2: what the signer claims proves nothing. */
    {"a thief claims an earlier time", WORLD "2026-04 revoke Alba reason=1\n"
                                             "2026-05 forge Alba claimed=2026-03 stamps=Clock\n"
                                             "2026-06 verify Alba INDETERMINATE REVOKED_NO_POE proven=2026-05\n"},
    /* §5.2.6.4 step 6: on hold: TRY_LATER. */
    {"B-B, on hold", WORLD "2026-03 sign Alba B-B\n"
                           "2026-04 hold Alba\n"
                           "2026-05 verify Alba INDETERMINATE TRY_LATER +certificate-on-hold\n"},
    /* §5.5.4 step 4 e: suspended only after the proof. */
    {"B-T, on hold after the proof", WORLD "2026-03 sign Alba B-T tsa=Clock\n"
                                           "2026-04 hold Alba\n"
                                           "2026-05 verify Alba PASSED +certificate-on-hold\n"},
    /* RFC 5280 §5.3.1: released, it is as if it had never been on hold. */
    {"signed on hold, then released", WORLD "2026-02 hold Alba\n"
                                            "2026-03 forge Alba stamps=Clock\n"
                                            "2026-04 verify Alba INDETERMINATE TRY_LATER\n"
                                            "2026-05 release Alba\n"
                                            "2026-06 verify Alba PASSED -certificate-on-hold\n"},
    {"signed on hold, then revoked from the hold on", WORLD
     "2026-02 hold Alba\n"
     "2026-03 forge Alba stamps=Clock\n"
     "2026-05 revoke Alba at=2026-02 reason=1\n"
     "2026-06 verify Alba INDETERMINATE REVOKED_NO_POE\n"},
    /* §5.6.2.4: revoked and ended since; the archive proves signature and evidence. */
    {"B-LTA, revoked after the proof, then ended", WORLD "2026-03 sign Alba B-LTA tsa=Clock\n"
                                                         "2026-06 revoke Alba reason=1\n"
                                                         "2026-07 verify Alba PASSED level=B-LTA\n"
                                                         "2028 verify Alba PASSED level=B-LTA proven=2026-03\n"},
    /* §5.6.2.4: an authority that remembers tells of the revocation even after the end. */
    {"revoked before the proof, then ended, remembered", REMEMBERING
     "person Alba 2025 2027 by=Issuing\n"
     "2026-02 revoke Alba reason=1\n"
     "2026-03 forge Alba stamps=Clock\n"
     "2028 verify Alba INDETERMINATE REVOKED_NO_POE\n"},
    /* §5.2.5.4: evidence inside that is still in force is fresh enough; later the network is asked, and believed. */
    {"B-LT, found revoked two days later", WORLD "2026-03-01 sign Alba B-LT tsa=Clock\n"
                                                 "2026-03-03 revoke Alba at=2026-02\n"
                                                 "2026-03-04 verify Alba PASSED\n"
                                                 "2026-03-20 verify Alba INDETERMINATE REVOKED_NO_POE\n"},

    /* --- The authority -------------------------------------------------------------------------------------------- */

    /* §5.5.4 does not resolve REVOKED_CA_NO_POE; §5.6.2.2 wants evidence about the signer with a proof from before the
     * authority's revocation, for what it says afterwards is worth nothing. */
    {"B-T, the authority revoked after the proof", WORLD
     "2026-03 sign Alba B-T tsa=Clock\n"
     "2026-06 revoke Issuing reason=2\n"
     "2026-07 verify Alba INDETERMINATE REVOKED_CA_NO_POE +certificate-revoked\n"},
    /* The same: evidence in a revision that no time stamp covers is there, but not proven (§5.6.2.3). */
    {"B-LT, the authority revoked after the proof", WORLD
     "2026-03 sign Alba B-LT tsa=Clock\n"
     "2026-06 revoke Issuing reason=2\n"
     "2026-07 verify Alba INDETERMINATE REVOKED_CA_NO_POE\n"},
    {"B-LTA, the authority revoked after the proof", WORLD "2026-03 sign Alba B-LTA tsa=Clock\n"
                                                           "2026-06 revoke Issuing reason=2\n"
                                                           "2026-07 verify Alba PASSED level=B-LTA\n"},
    {"evidence added and proven later, then the authority revoked", WORLD
     "2026-03 sign Alba B-T tsa=Clock\n"
     "2026-09 extend B-LT\n"
     "2026-10 stamp tsa=Clock\n"
     "2026-11 revoke Issuing reason=2\n"
     "2026-12 verify Alba PASSED proven=2026-03\n"},
    {"evidence proven only after the authority's revocation", WORLD
     "2026-03 sign Alba B-T tsa=Clock\n"
     "2026-09 extend B-LT\n"
     "2026-11 revoke Issuing reason=2\n"
     "2026-12-01 stamp tsa=Clock\n"
     "2026-12-02 verify Alba INDETERMINATE REVOKED_CA_NO_POE\n"},
    {"the authority revoked before the proof", WORLD "2026-02 revoke Issuing reason=2\n"
                                                     "2026-03 forge Alba stamps=Clock\n"
                                                     "2026-04 verify Alba INDETERMINATE REVOKED_CA_NO_POE\n"},
    /* §5.2.6.4 step 4 for the path, §5.6.2.1 with a proof. */
    {"the authority's certificate ended", "ca Root 2000 2060 no-ocsp\n"
                                          "ca Issuing 2015 2027-06 by=Root\n"
                                          "tsa Clock 2024 2030 by=Root\n"
                                          "person Alba 2025 2027 by=Issuing\n"
                                          "2026-03 sign Alba B-T tsa=Clock\n"
                                          "2028 verify Alba INDETERMINATE OUT_OF_BOUNDS_NO_POE\n"},
    {"B-LTA, the authority's certificate ended", "ca Root 2000 2060 no-ocsp\n"
                                                 "ca Issuing 2015 2027-06 by=Root\n"
                                                 "tsa Clock 2024 2030 by=Root\n"
                                                 "person Alba 2025 2027 by=Issuing\n"
                                                 "2026-03 sign Alba B-LTA tsa=Clock\n"
                                                 "2028 verify Alba PASSED level=B-LTA\n"},
    /* §5.2.5.4: at the proof the evidence inside is fresh; nobody can give newer. */
    {"the authority rolls over and the old one falls silent", WORLD
     "2026-03 sign Alba B-LT tsa=Clock\n"
     "2026-05 close Issuing\n"
     "ca Issuing 2026-04 2060 by=Root\n"
     "person Berta 2026-05 2028 by=Issuing\n"
     "2026-06 sign Berta B-LT tsa=Clock\n"
     "2026-07 verify Alba PASSED level=B-LT\n"
     "2026-07 verify Berta PASSED level=B-LT\n"},

    /* --- Time-stamp authorities ----------------------------------------------------------------------------------- */

    /* §5.4.4, §5.5.4 step 3: a time stamp that cannot be validated is no proof, and takes nothing away. */
    {"its time-stamp authority's certificate ended, the signer's lives",
     ROOT "tsa Clock 2024 2027 by=Root\n"
          "person Alba 2025 2032 by=Issuing\n"
          "2026-03 sign Alba B-T tsa=Clock\n"
          "2028 verify Alba PASSED level=B-B proven=none +timestamp-untrusted\n"},
    {"both certificates ended", WORLD
     "2026-03 sign Alba B-LT tsa=Clock\n"
     "2031 verify Alba INDETERMINATE OUT_OF_BOUNDS_NO_POE proven=none +timestamp-untrusted\n"},
    {"an archive that was not renewed", WORLD
     "2026-03 sign Alba B-LTA tsa=Clock\n"
     "2031 verify Alba INDETERMINATE OUT_OF_BOUNDS_NO_POE proven=none\n"
     "2031 verify #2 INDETERMINATE OUT_OF_BOUNDS_NO_POE\n"},
    /* §5.6.3: the newer document time stamp proves the older and its evidence. */
    {"an archive that was renewed", WORLD "tsa Later 2028 2036 by=Root\n"
                                          "2026-03 sign Alba B-LTA tsa=Clock\n"
                                          "2029 extend B-LTA tsa=Later\n"
                                          "2031 verify Alba PASSED level=B-LTA proven=2026-03\n"
                                          "2031 verify #2 PASSED\n"
                                          "2031 verify #3 PASSED\n"},
    {"renewed too late", WORLD "tsa Later 2028 2036 by=Root\n"
                               "2026-03 sign Alba B-LTA tsa=Clock\n"
                               "2031 stamp tsa=Later\n"
                               "2032 verify Alba INDETERMINATE OUT_OF_BOUNDS_NO_POE\n"},
    /* §5.4.4: the authority revoked, no proof that the token is older: REVOKED_NO_POE for the token. RFC 3161 §4 would
     * believe it for some reasons; ours by design does not, for the reason is the word of who revoked. */
    {"its time-stamp authority revoked, the signer's certificate lives", WORLD
     "2026-03 sign Alba B-T tsa=Clock\n"
     "2026-06 revoke Clock reason=5\n"
     "2026-07 verify Alba PASSED level=B-B proven=none +timestamp-untrusted\n"},
    {"its time-stamp authority revoked, then the signer", WORLD
     "2026-03 sign Alba B-T tsa=Clock\n"
     "2026-06 revoke Clock reason=1\n"
     "2026-07 revoke Alba\n"
     "2026-08 verify Alba INDETERMINATE REVOKED_NO_POE proven=none\n"},
    /* §5.6.2.4 for the token: a document time stamp of another authority proves it before the revocation. */
    {"its time-stamp authority revoked after another one's proof", WORLD
     "tsa Other 2024 2032 by=Root\n"
     "2026-03 sign Alba B-LT tsa=Clock\n"
     "2026-04 stamp tsa=Other\n"
     "2026-06 revoke Clock reason=1\n"
     "2026-07 revoke Alba\n"
     "2026-08 verify Alba PASSED proven=2026-03\n"},
    {"its time-stamp authority revoked before another one's proof", WORLD
     "tsa Other 2024 2032 by=Root\n"
     "2026-03 sign Alba B-T tsa=Clock\n"
     "2026-04 revoke Clock reason=1\n"
     "2026-05 stamp tsa=Other\n"
     "2026-07 revoke Alba\n"
     "2026-08 verify Alba PASSED proven=2026-05\n"},
    {"an archive's authority revoked after the next one's proof", WORLD "tsa Other 2024 2032 by=Root\n"
                                                                        "2026-03 sign Alba B-LTA tsa=Clock\n"
                                                                        "2026-05 extend B-LTA tsa=Other\n"
                                                                        "2026-06 revoke Clock reason=1\n"
                                                                        "2026-07 revoke Alba\n"
                                                                        "2026-08 verify Alba PASSED proven=2026-03\n"
                                                                        "2026-08 verify #2 PASSED\n"},
    {"an archive's authority revoked before the next one's proof", WORLD
     "tsa Other 2024 2032 by=Root\n"
     "2026-03 sign Alba B-B\n"
     "2026-03 stamp tsa=Clock\n"
     "2026-04 revoke Clock reason=1\n"
     "2026-05 stamp tsa=Other\n"
     "2026-07 revoke Alba\n"
     "2026-08 verify Alba PASSED proven=2026-05\n"
     "2026-08 verify #2 INDETERMINATE REVOKED_NO_POE\n"},
    {"the authority of its time-stamp authority revoked", WORLD "ca Times 2020 2050 by=Root\n"
                                                                "tsa Clock 2024 2030 by=Times\n"
                                                                "2026-03 sign Alba B-LT tsa=Clock\n"
                                                                "2026-06 revoke Times reason=2\n"
                                                                "2026-07 revoke Alba\n"
                                                                "2026-08 verify Alba INDETERMINATE REVOKED_NO_POE "
                                                                "proven=none\n"},
    {"the authority of its time-stamp authority revoked, proven before", WORLD
     "ca Times 2020 2050 by=Root\n"
     "tsa Clock 2024 2030 by=Times\n"
     "tsa Other 2024 2032 by=Root\n"
     "2026-03 sign Alba B-LT tsa=Clock\n"
     "2026-04 extend B-LTA tsa=Other\n"
     "2026-06 revoke Times reason=2\n"
     "2026-07 revoke Alba\n"
     "2026-08 verify Alba PASSED proven=2026-03\n"},
    /* §5.6.2.2: control-time slides to the end of the evidence about Clock, which is before its token's proof. */
    {"the authority of its time-stamp authority revoked, old evidence proven", WORLD
     "ca Times 2020 2050 by=Root\n"
     "tsa Clock 2024 2030 by=Times\n"
     "tsa Other 2024 2032 by=Root\n"
     "2026-03 sign Alba B-LT tsa=Clock\n"
     "2026-04 stamp tsa=Other\n"
     "2026-06 revoke Times reason=2\n"
     "2026-07 revoke Alba\n"
     "2026-08 verify Alba PASSED proven=2026-04\n"},
    /* The same thief has both keys: his token says March, but nothing proves it before the authority's revocation. */
    {"a stolen time-stamp key tells an earlier time", WORLD
     "2026-03 freeze Clock\n"
     "2026-05 revoke Alba reason=1\n"
     "2026-07 forge Alba claimed=2026-03 stamps=Clock\n"
     "2026-08 revoke Clock reason=1\n"
     "2026-09 verify Alba INDETERMINATE REVOKED_NO_POE proven=none\n"},
    /* RFC 3161 §4, EN 319 422: the token's time must lie in its certificate's life. */
    {"a token from before its certificate", ROOT "tsa Clock 2026-06 2030 by=Root\n"
                                                 "person Alba 2025 2027 by=Issuing\n"
                                                 "2026-03 freeze Clock\n"
                                                 "2026-07 forge Alba stamps=Clock\n"
                                                 "2026-08 verify Alba PASSED proven=none +timestamp-invalid\n"},
    /* §5.4.4 step 2: the token's own algorithms by its date. */
    {"a token signed with SHA-1 in 2026", WORLD "tsa Weak 2024 2030 by=Root weak\n"
                                                "2026-03 forge Alba stamps=Weak\n"
                                                "2026-04 verify Alba PASSED proven=none +timestamp-invalid\n"},

    /* --- Proofs --------------------------------------------------------------------------------------------------- */

    /* §5.5.4 step 3: each time stamp by itself; one that is good is enough. */
    {"two time stamps, the first about something else", WORLD
     "2026-03 forge Alba stamps=Clock!,Clock\n"
     "2026-06 revoke Alba\n"
     "2026-07 verify Alba PASSED proven=2026-03 +timestamp-invalid\n"},
    {"two time stamps, the earlier counts", WORLD "tsa Other 2024 2030 by=Root\n"
                                                  "2026-03 freeze Other\n"
                                                  "2026-05 forge Alba stamps=Clock,Other\n"
                                                  "2026-06 verify Alba PASSED proven=2026-03\n"},
    /* §5.6.2.3, EN 319 142-1 §5.4.3: a document time stamp proves what it covers and nothing else. */
    {"a document time stamp over an earlier revision", WORLD
     "2026-02 stamp tsa=Clock\n"
     "2026-03 sign Alba B-B\n"
     "2026-04 verify Alba PASSED proven=none level=B-B\n"
     "2026-06 revoke Alba\n"
     "2026-07 verify Alba INDETERMINATE REVOKED_NO_POE proven=none\n"},
    {"a document time stamp as the only proof", WORLD "2026-03 sign Alba B-B\n"
                                                      "2026-04 stamp tsa=Clock\n"
                                                      "2026-06 revoke Alba\n"
                                                      "2026-07 verify Alba PASSED proven=2026-04 level=B-T\n"},
    {"two signers, one proven before his revocation", WORLD
     "person Berta 2025 2027 by=Issuing\n"
     "2026-03 sign Alba B-B\n"
     "2026-04 stamp tsa=Clock\n"
     "2026-05 sign Berta B-B\n"
     "2026-06 revoke Alba\n"
     "2026-06 revoke Berta\n"
     "2026-07 verify Alba PASSED proven=2026-04\n"
     "2026-07 verify Berta INDETERMINATE REVOKED_NO_POE proven=none\n"},
    /* §5.5.4 step 5: a time stamp over another may not be older than it. */
    {"time stamps in the wrong order", WORLD "tsa Other 2024 2030 by=Root\n"
                                             "2026-03 freeze Other\n"
                                             "2026-05 sign Alba B-T tsa=Clock\n"
                                             "2026-06 stamp tsa=Other\n"
                                             "2026-07 verify Alba INDETERMINATE TIMESTAMP_ORDER_FAILURE "
                                             "+timestamp-order\n"},
    /* §5.5.4 step 4 b: best-signature-time before the certificate was issued. */
    {"the signer's certificate issued after the proof", ROOT "tsa Clock 2024 2030 by=Root\n"
                                                             "person Alba 2026-06 2028 by=Issuing\n"
                                                             "2026-03 freeze Clock\n"
                                                             "2026-07 forge Alba stamps=Clock\n"
                                                             "2026-08 verify Alba FAILED NOT_YET_VALID\n"},
    {"a claimed time in the past", WORLD "2026-06 sign Alba B-B claimed=2025-06\n"
                                         "2026-07 verify Alba PASSED proven=none\n"
                                         "2028 verify Alba INDETERMINATE OUT_OF_BOUNDS_NO_POE\n"},
    {"signed after the certificate ended, claimed before", WORLD
     "2028 forge Alba claimed=2026-03 stamps=Clock\n"
     "2029 verify Alba INDETERMINATE OUT_OF_BOUNDS_NO_POE proven=2028\n"},

    /* --- Evidence ------------------------------------------------------------------------------------------------- */

    /* §5.2.6.2 step 4: nothing tells. */
    {"B-B, nothing on line", WORLD "2026-03 sign Alba B-B\n"
                                   "2026-03 cut-off\n"
                                   "2026-04 verify Alba INDETERMINATE TRY_LATER +revocation-unknown\n"},
    {"B-T, nothing on line", WORLD "2026-03 sign Alba B-T tsa=Clock\n"
                                   "2026-03 cut-off\n"
                                   "2026-04 verify Alba INDETERMINATE TRY_LATER +revocation-unknown\n"},
    /* §5.2.5.4: what is inside is fresh until its nextUpdate; later whether the time-stamp authority was revoked
     * meanwhile is not known, and so neither what its token proves. */
    {"B-LT, nothing on line", WORLD "2026-03-01 sign Alba B-LT tsa=Clock\n"
                                    "2026-03-01 cut-off\n"
                                    "2026-03-05 verify Alba PASSED level=B-LT\n"
                                    "2026-09 verify Alba INDETERMINATE TRY_LATER proven=none\n"},
    /* §5.5.4 step 4 e, §5.2.5.4 against best-signature-time. */
    {"B-LT, the signer's authority fell silent", WORLD "2026-03 sign Alba B-LT tsa=Clock\n"
                                                       "2026-03 close Issuing\n"
                                                       "2026-09 verify Alba PASSED level=B-LT\n"},
    /* §5.2.5.4: evidence from before the proof is fresh as long as it was in force then (thisUpdate to nextUpdate). */
    {"evidence from shortly before the proof", WORLD "2026-03-01 forge Alba lists\n"
                                                     "2026-03-05 stamp tsa=Clock\n"
                                                     "2026-03-06 close Issuing\n"
                                                     "2026-03-20 verify Alba PASSED proven=2026-03-05\n"},
    {"evidence out of date at the proof", WORLD "2026-03-01 forge Alba lists\n"
                                                "2026-03-20 stamp tsa=Clock\n"
                                                "2026-03-21 verify Alba PASSED proven=2026-03-20\n"
                                                "2026-03-21 close Issuing\n"
                                                "2026-03-21 verify Alba INDETERMINATE TRY_LATER\n"},
    /* §5.2.5.4: it could hide what happened since; on line newer evidence is asked for. */
    {"old evidence inside hides a revocation before the proof", WORLD
     "2026-03-01 forge Alba lists\n"
     "2026-03-02 revoke Alba\n"
     "2026-03-05 stamp tsa=Clock\n"
     "2026-03-20 verify Alba INDETERMINATE REVOKED_NO_POE\n"},
    /* §5.2.6.2, table 5 REVOCATION_OUT_OF_BOUNDS_NO_POE: whoever signed the evidence has ended, and nothing proves that
     * the evidence is older. */
    {"the responder's certificate ended", "ca Root 2000 2060 no-ocsp\n"
                                          "ca Issuing 2015 2050 by=Root no-crl\n"
                                          "ocsp Responder 2025-06 2026-06 by=Issuing nocheck\n"
                                          "tsa Clock 2024 2030 by=Root\n"
                                          "person Alba 2025 2027 by=Issuing\n"
                                          "2026-03 sign Alba B-LT tsa=Clock\n"
                                          "2026-05 close Issuing\n"
                                          "2026-05 verify Alba PASSED\n"
                                          "2026-09 verify Alba INDETERMINATE REVOCATION_OUT_OF_BOUNDS_NO_POE\n"},
    {"the responder's certificate ended, another answers", "ca Root 2000 2060 no-ocsp\n"
                                                           "ca Issuing 2015 2050 by=Root no-crl\n"
                                                           "ocsp Responder 2025-06 2026-06 by=Issuing nocheck\n"
                                                           "ocsp Next 2026-05 2027-06 by=Issuing nocheck\n"
                                                           "tsa Clock 2024 2030 by=Root\n"
                                                           "person Alba 2025 2027 by=Issuing\n"
                                                           "2026-03 sign Alba B-LT tsa=Clock\n"
                                                           "2026-09 verify Alba PASSED\n"},
    {"B-LTA, the responder's certificate ended", "ca Root 2000 2060 no-ocsp\n"
                                                 "ca Issuing 2015 2050 by=Root no-crl\n"
                                                 "ocsp Responder 2025-06 2026-06 by=Issuing nocheck\n"
                                                 "tsa Clock 2024 2030 by=Root\n"
                                                 "person Alba 2025 2027 by=Issuing\n"
                                                 "2026-03 sign Alba B-LTA tsa=Clock\n"
                                                 "2026-05 close Issuing\n"
                                                 "2026-09 verify Alba PASSED level=B-LTA\n"
                                                 "2028 verify Alba PASSED level=B-LTA\n"},
    /* §5.2.6.2 for the responder: what it signed is worth nothing when its key may have been another's, unless it is
     * proven from before. */
    {"the responder revoked", "ca Root 2000 2060 no-ocsp\n"
                              "ca Issuing 2015 2050 by=Root\n"
                              "ocsp Responder 2025-06 2028 by=Issuing\n"
                              "tsa Clock 2024 2030 by=Root\n"
                              "person Alba 2025 2027 by=Issuing\n"
                              "2026-03 sign Alba B-LT tsa=Clock\n"
                              "2026-06 revoke Responder reason=1\n"
                              "2026-09 verify Alba PASSED\n"
                              "2028 verify Alba INDETERMINATE OUT_OF_BOUNDS_NO_POE\n"},
    {"a responder that answers about itself, and a list", "ca Root 2000 2060 no-ocsp\n"
                                                          "ca Issuing 2015 2050 by=Root\n"
                                                          "ocsp Responder 2025-06 2029 by=Issuing asks-itself\n"
                                                          "tsa Clock 2024 2030 by=Root\n"
                                                          "person Alba 2025 2027 by=Issuing\n"
                                                          "2026-03 sign Alba B-LT tsa=Clock\n"
                                                          "2026-04 verify Alba PASSED level=B-LT\n"},
    {"B-LTA, the responder revoked", "ca Root 2000 2060 no-ocsp\n"
                                     "ca Issuing 2015 2050 by=Root\n"
                                     "ocsp Responder 2025-06 2029 by=Issuing\n"
                                     "tsa Clock 2024 2030 by=Root\n"
                                     "person Alba 2025 2027 by=Issuing\n"
                                     "2026-03 sign Alba B-LTA tsa=Clock\n"
                                     "2026-06 revoke Responder reason=1\n"
                                     "2028 verify Alba PASSED level=B-LTA\n"},
    /* §5.6.2.2: evidence from after the proof speaks for it, proven itself or not. */
    {"evidence added later, in a revision that nothing covers", WORLD
     "2026-03 sign Alba B-T tsa=Clock\n"
     "2026-09 extend B-LT\n"
     "2028 verify Alba PASSED level=B-LT proven=2026-03\n"},

    /* --- Algorithms ----------------------------------------------------------------------------------------------- */

    /* §5.5.4 step 4 c, §5.6.2.4: reliable when the signature is proven to have existed; SHA-1 until 2017, RSA below
     * 2048 bits until 2014 (TS 119 312; the table is ours). */
    {"SHA-1, proven before its end", REMEMBERING "person Alba 2014 2018 by=Issuing\n"
                                                 "2015 forge Alba digest=SHA1 stamps=Clock\n"
                                                 "2026 verify Alba PASSED proven=2015\n"},
    {"SHA-1, proven after its end", REMEMBERING
     "person Alba 2014 2018 by=Issuing\n"
     "2015 forge Alba digest=SHA1\n"
     "2017-06 stamp tsa=Clock\n"
     "2026 verify Alba INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE +algorithm-weak\n"},
    {"SHA-1 without a proof", REMEMBERING
     "person Alba 2014 2030 by=Issuing\n"
     "2015 forge Alba digest=SHA1 claimed=2015\n"
     "2026 verify Alba INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE +algorithm-weak\n"},
    {"RSA-1024, proven before its end", REMEMBERING "person Alba 2010 2013-06 by=Issuing rsa=1024\n"
                                                    "2012 forge Alba stamps=Clock\n"
                                                    "2026 verify Alba PASSED proven=2012\n"},
    {"RSA-1024, proven after its end", REMEMBERING
     "person Alba 2010 2016 by=Issuing rsa=1024\n"
     "2012 forge Alba\n"
     "2015 stamp tsa=Clock\n"
     "2026 verify Alba INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE\n"},
    {"a certificate signed with SHA-1 in its time", REMEMBERING "person Alba 2014 2018 by=Issuing digest=SHA1\n"
                                                                "2015 forge Alba stamps=Clock\n"
                                                                "2026 verify Alba PASSED proven=2015\n"},
    {"a certificate signed with SHA-1, proven after its end", REMEMBERING
     "person Alba 2014 2018 by=Issuing digest=SHA1\n"
     "2015 forge Alba\n"
     "2017-06 stamp tsa=Clock\n"
     "2026 verify Alba INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE\n"},
    {"RSA-2048, proven before 2031", WORLD "person Alba 2025 2035 by=Issuing rsa=2048\n"
                                           "tsa Clock 2024 2036 by=Root\n"
                                           "2026-03 sign Alba B-T tsa=Clock\n"
                                           "2032 verify Alba PASSED proven=2026-03\n"},
    {"RSA-2048 without a proof after 2031", WORLD
     "person Alba 2025 2035 by=Issuing rsa=2048\n"
     "2026-03 sign Alba B-B\n"
     "2030 verify Alba PASSED\n"
     "2032 verify Alba INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE +algorithm-weak\n"},
    /* §5.6.2.4 for the token. */
    {"a token with SHA-1, proven before its end", REMEMBERING "tsa Weak 2010 2020 by=Root weak\n"
                                                              "person Alba 2010 2014 by=Issuing\n"
                                                              "2012 forge Alba stamps=Weak\n"
                                                              "2015 stamp tsa=Clock\n"
                                                              "2026 verify Alba PASSED proven=2012\n"},
    {"a token with SHA-1, proven after its end", REMEMBERING
     "tsa Weak 2010 2020 by=Root weak\n"
     "person Alba 2010 2014 by=Issuing\n"
     "2012 forge Alba stamps=Weak\n"
     "2018 stamp tsa=Clock\n"
     "2026 verify Alba INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED proven=2018\n"},

    /* ISO 32000-2 §12.8.3: the formats from before PAdES go the same way. */
    {"adbe.x509.rsa_sha1, proven before SHA-1's end", REMEMBERING "person Alba 2014 2018 by=Issuing rsa=2048\n"
                                                                  "2015 forge Alba format=rsa\n"
                                                                  "2016 stamp tsa=Clock\n"
                                                                  "2026 verify Alba PASSED proven=2016\n"},
    {"adbe.x509.rsa_sha1, proven after SHA-1's end", REMEMBERING
     "person Alba 2014 2018 by=Issuing rsa=2048\n"
     "2015 forge Alba format=rsa\n"
     "2017-06 stamp tsa=Clock\n"
     "2026 verify Alba INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE\n"},
    {"adbe.x509.rsa_sha1 by SHA-256, the certificate ended unproven", REMEMBERING
     "person Alba 2014 2018 by=Issuing rsa=2048\n"
     "2015 forge Alba format=rsa digest=SHA256\n"
     "2026 verify Alba INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED\n"},
    {"adbe.pkcs7.sha1, proven before SHA-1's end", REMEMBERING "person Alba 2014 2018 by=Issuing\n"
                                                               "2015 forge Alba format=sha1 digest=SHA1 stamps=Clock\n"
                                                               "2026 verify Alba PASSED proven=2015\n"},
    {"adbe.pkcs7.sha1, proven after SHA-1's end", REMEMBERING
     "person Alba 2014 2018 by=Issuing\n"
     "2017-06 forge Alba format=sha1 stamps=Clock\n"
     "2026 verify Alba INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE\n"},
    {"adbe.pkcs7.detached, proven", WORLD "2026-03 forge Alba format=detached stamps=Clock lists\n"
                                          "2026-06 revoke Alba\n"
                                          "2026-07 verify Alba PASSED proven=2026-03\n"},

    /* --- A life --------------------------------------------------------------------------------------------------- */

    /* §5.6.3: each document time stamp proves the one before; roots, services and digests change. */
    {"thirty years of renewals", WORLD "tsa T2 2028 2034 by=Root\n"
                                       "tsa T3 2031 2037 by=Root\n"
                                       "ca Second 2033 2090 no-ocsp\n"
                                       "tsa T4 2034 2041 by=Second\n"
                                       "tsa T5 2038 2044 by=Second\n"
                                       "tsa T6 2041 2048 by=Second\n"
                                       "ca Third 2040 2095 no-ocsp\n"
                                       "tsa T7 2044 2052 by=Third\n"
                                       "tsa T8 2048 2060 by=Third\n"
                                       "2026-03 sign Alba B-LTA tsa=Clock\n"
                                       "2029 extend B-LTA tsa=T2\n"
                                       "2031-06 extend B-LTA tsa=T3\n"
                                       "2034-06 extend B-LTA tsa=T4 digest=512\n"
                                       "2037 extend B-LTA tsa=T4 digest=512\n"
                                       "2040 extend B-LTA tsa=T5 digest=512\n"
                                       "2043 extend B-LTA tsa=T6 digest=512\n"
                                       "2046 extend B-LTA tsa=T7 digest=512\n"
                                       "2048-06 extend B-LTA tsa=T7 digest=512\n"
                                       "2051 extend B-LTA tsa=T8 digest=512\n"
                                       "2054 extend B-LTA tsa=T8 digest=512\n"
                                       "2056 verify Alba PASSED level=B-LTA proven=2026-03\n"
                                       "2056 verify #2 PASSED\n"
                                       "2056 verify #12 PASSED\n"},
    {"thirty years without one renewal", WORLD "tsa T2 2028 2034 by=Root\n"
                                               "tsa T3 2031 2037 by=Root\n"
                                               "ca Second 2033 2090 no-ocsp\n"
                                               "tsa T4 2037 2044 by=Second\n"
                                               "tsa T6 2041 2060 by=Second\n"
                                               "2026-03 sign Alba B-LTA tsa=Clock\n"
                                               "2029 extend B-LTA tsa=T2\n"
                                               "2031-06 extend B-LTA tsa=T3\n"
                                               "2037-06 stamp tsa=T4 digest=512\n"
                                               "2043 extend B-LTA tsa=T6 digest=512\n"
                                               "2056 verify Alba INDETERMINATE OUT_OF_BOUNDS_NO_POE\n"},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static int set_up(void **state)
{
    (void)state;
    (void)folder_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove();
    return 0;
}

static void tell(void **state)
{
    const struct row *row = *state;
    assert_true(script_run(row->story));
}

/* With words as arguments: only the stories whose name holds the first. */
int main(int count, char **arguments)
{
    static struct CMUnitTest tests[ROWS];
    size_t chosen = 0;
    for (size_t i = 0; i < ROWS; i++) {
        if (count > 1 && strstr(rows[i].name, arguments[1]) == NULL) continue;
        tests[chosen++] = (struct CMUnitTest){
            .name = rows[i].name, .test_func = tell, .initial_state = (void *)(uintptr_t)&rows[i]};
    }
    return _cmocka_run_group_tests("time", tests, chosen, set_up, tear_down);
}
