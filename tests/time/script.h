/* SPDX-License-Identifier: EUPL-1.2
 *
 * Stories about a document, a line an event. Members of the world first, then what happens when; dates are a year, a
 * month or a day, and the clock never goes back but by "travel".
 *
 *   ca NAME FROM TO [by=CA] [no-ocsp] [no-crl] [remembers] [digest=SHA1] [rsa=1024] [days=7]
 *   ocsp|tsa|person NAME FROM TO by=CA [nocheck|asks-itself] [digest=SHA1] [rsa=1024] [weak]
 *   DATE sign NAME LEVEL [tsa=NAME] [claimed=DATE] [digest=512] [blind]      our signer; blind: without trust or network
 *   DATE forge NAME [digest=SHA1] [stamps=A,B!] [claimed=DATE] [lists]    OpenSSL, whatever the checks say
 *                   [format=detached|sha1|rsa]                             formats from before PAdES
 *   DATE stamp tsa=NAME [digest=512]                                         a document time stamp
 *   DATE extend LEVEL [tsa=NAME] [digest=512]
 *   DATE revoke NAME [at=DATE] [reason=N] [invalid=DATE]      DATE hold NAME      DATE release NAME
 *   DATE close CA      DATE freeze CA      DATE cut-off [DATE on-line]
 *   DATE verify WHO INDICATION [SUB] [+finding] [-finding] [level=B-LT] [proven=DATE|none] [offline]
 *
 * WHO is a signer's common name, or #n for the n-th signature. INDICATION is PASSED, INDETERMINATE or FAILED.
 */
#ifndef TESTS_TIME_SCRIPT_H
#define TESTS_TIME_SCRIPT_H

#include <stdbool.h>

/** Tells the story; false after printing what came out otherwise. A story that makes no sense stops the program. */
bool script_run(const char *story);

#endif
