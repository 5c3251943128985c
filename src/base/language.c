/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/language.h"

#include "base/error.h"
#include "base/memory.h"

struct rfd_language {
    char code[LANGUAGE_CODE_SIZE];
    struct i18n_catalogue *catalogue;
};

/** ISO 639-1, with what BCP 47 may put after it: letters, digits and hyphens. */
static bool is_code(slice code)
{
    if (code.length < 2 || code.length >= LANGUAGE_CODE_SIZE) return false;
    for (size_t i = 0; i < code.length; i++) {
        uint8_t c = code.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool other = i >= 2 && ((c >= '0' && c <= '9') || c == '-');
        if (!letter && !other) return false;
    }
    return true;
}

rfd_status rfd_language_open(const char *code, const char *catalogue, struct rfd_language **out,
                             struct rfd_error *error)
{
    if (code == NULL || !is_code(slice_text(code)))
        return error_set(error, RFD_E_ARGUMENT, "a language is a code such as es or ca");
    struct rfd_language *l = memory_zeroed(1, sizeof *l);
    if (l == NULL) return error_memory(error);
    memcpy(l->code, code, strlen(code));
    rfd_status status = catalogue == NULL ? RFD_OK : i18n_open(catalogue, &l->catalogue, error);
    if (status == RFD_OK)
        *out = l;
    else
        memory_free(l);
    return status;
}

void rfd_language_close(struct rfd_language *language)
{
    if (language == NULL) return;
    i18n_close(language->catalogue);
    memory_free(language);
}

const struct i18n_catalogue *language_catalogue(const struct rfd_language *language)
{
    return language == NULL ? NULL : language->catalogue;
}

const char *language_code(const struct rfd_language *language)
{
    return language == NULL ? "en" : language->code;
}

const char *language_get(const struct rfd_language *language, const char *message)
{
    return i18n_get(language_catalogue(language), message);
}
