/* SPDX-License-Identifier: EUPL-1.2
 *
 * Stories about a document, a line an event (stories.h tells where they are). Members of the world first, then what
 * happens when; dates are a year, a month or a day, and the clock never goes back.
 *
 *   ca NAME FROM TO [by=CA] [no-ocsp] [no-crl] [remembers] [digest=SHA1] [rsa=1024] [days=7]
 *   ocsp NAME FROM TO by=CA [nocheck|asks-itself]
 *   tsa NAME FROM TO by=CA [weak] [accuracy=SECONDS]
 *   person NAME FROM TO by=CA [digest=SHA1] [rsa=1024]
 *   DATE sign NAME LEVEL [tsa=NAME] [claimed=DATE] [digest=512]
 *   DATE forge NAME [digest=SHA1] [stamps=A,B!] [claimed=DATE] [lists] [format=detached|sha1|rsa]
 *   DATE stamp tsa=NAME [digest=512]
 *   DATE extend LEVEL [tsa=NAME] [digest=512]
 *   DATE revoke NAME [at=DATE] [reason=N] [invalid=DATE]
 *   DATE hold|release NAME
 *   DATE close|freeze NAME
 *   DATE cut-off|on-line
 *   DATE verify WHO INDICATION [SUB] [+finding] [-finding] [level=B-LT] [proven=DATE|none] [offline]
 *
 * A CA without "by" is an anchor; one that remembers keeps the certificates that ended in its answers; days is how long
 * an answer lasts. "forge" is OpenSSL, whatever our signer's checks would say; "lists" puts the CRLs of the moment in,
 * and a time stamp with '!' is about something else. "close" ends an authority's services, "freeze" stops the clock of
 * a service or authority: whatever it says is of that moment.
 * WHO is a signer's common name, or #n for the n-th signature. INDICATION is PASSED, INDETERMINATE or FAILED.
 */
#ifndef TESTS_TIME_SCRIPT_H
#define TESTS_TIME_SCRIPT_H

#include <stdbool.h>

/** Tells the story; false after printing what came out otherwise. A story that makes no sense stops the program. */
bool script_run(const char *story);

#endif
