/* SPDX-License-Identifier: EUPL-1.2 */
#include "server/languages.h"

#include "base/error.h"
#include "base/log.h"
#include "base/program.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };
static const char *const codes[LANGUAGES] = {"es", "ca", "en"};

static bool find(const char *folder, const char *code, char path[PATH_SIZE + 64])
{
    static const char *const patterns[] = {"%s/po/%s/LC_MESSAGES/refrenda.mo",
                                           "%s/../share/locale/%s/LC_MESSAGES/refrenda.mo"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        (void)snprintf(path, PATH_SIZE + 64, patterns[i], folder, code);
        if (access(path, R_OK) == 0) return true;
    }
    return false;
}

rfd_status languages_open(struct languages *out, struct rfd_error *error)
{
    char folder[PATH_SIZE];
    char path[PATH_SIZE + 64];
    program_folder(folder, sizeof folder);
    for (size_t i = 0; i < LANGUAGES; i++) {
        bool english = strcmp(codes[i], "en") == 0;
        bool there = !english && find(folder, codes[i], path);
        if (!english && !there)
            log_event(LOG_WARNING, "no-catalogue", "there is no message catalogue of this language: it speaks English",
                      LOG_TEXT("language", codes[i]));
        TRY(rfd_language_open(codes[i], there ? path : NULL, &out->items[i], error));
    }
    return RFD_OK;
}

void languages_close(struct languages *languages)
{
    for (size_t i = 0; i < LANGUAGES; i++) rfd_language_close(languages->items[i]);
    memset(languages, 0, sizeof *languages);
}
