/* SPDX-License-Identifier: EUPL-1.2
 *
 * librefrenda: sign, endorse, time-stamp, extend and verify PDFs (PAdES, ETSI EN 319 142-1 and EN 319 102-1).
 *
 * Opaque types, no globals, no output, one error type. Threads: one document, verification or report per thread; a
 * key and a trust store may be shared between threads.
 */
#ifndef REFRENDA_H
#define REFRENDA_H

#include <refrenda/base.h>
#include <refrenda/document.h>
#include <refrenda/key.h>
#include <refrenda/language.h>
#include <refrenda/sign.h>
#include <refrenda/stamp.h>
#include <refrenda/trust.h>
#include <refrenda/verify.h>

#endif
