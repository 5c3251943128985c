/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/messages.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/program.h"
#include "cli/safe_text.h"

#include <stdarg.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, LINE_SIZE = 2 * PATH_SIZE };

static struct i18n_catalogue *catalogue;
static char catalogue_path[PATH_SIZE + 128]; /* "" in English */
static char language_name[I18N_LANGUAGE_SIZE] = "en";
static enum colour_choice colours = COLOUR_AUTO;

void messages_start(const char *language)
{
    char folder[PATH_SIZE];
    if (language != NULL)
        (void)snprintf(language_name, sizeof language_name, "%s", language);
    else
        (void)i18n_environment_language(language_name);
    if (strcmp(language_name, "en") == 0 || strchr(language_name, '/') != NULL) return;
    program_folder(folder, sizeof folder);
    const char *const patterns[] = {"%s/po/%s/LC_MESSAGES/refrenda.mo",
                                    "%s/../share/locale/%s/LC_MESSAGES/refrenda.mo"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns && catalogue == NULL; i++) {
        (void)snprintf(catalogue_path, sizeof catalogue_path, patterns[i], folder, language_name);
        (void)!i18n_open(catalogue_path, &catalogue, NULL);
    }
    if (catalogue == NULL) catalogue_path[0] = '\0';
}

void messages_stop(void)
{
    i18n_close(catalogue);
    catalogue = NULL;
}

const char *messages_language(void)
{
    return language_name;
}

rfd_status messages_open_language(struct rfd_language **out, struct rfd_error *error)
{
    bool english = catalogue_path[0] == '\0';
    return rfd_language_open(english ? "en" : language_name, english ? NULL : catalogue_path, out, error);
}

const char *tr(const char *message)
{
    return i18n_get(catalogue, message);
}

const char *tr_count(const char *one, const char *many, uint64_t n)
{
    return i18n_count(catalogue, one, many, n);
}

void messages_colour(enum colour_choice choice)
{
    colours = choice;
}

const char *style_on(FILE *stream, enum style style)
{
    static const char *const codes[] = {
        [STYLE_PLAIN] = "\033[0m",   [STYLE_BOLD] = "\033[1m",   [STYLE_DIM] = "\033[2m",
        [STYLE_GOOD] = "\033[1;32m", [STYLE_BAD] = "\033[1;31m", [STYLE_WARN] = "\033[1;33m",
    };
    bool coloured =
        colours == COLOUR_ALWAYS || (colours == COLOUR_AUTO && isatty(fileno(stream)) && getenv("NO_COLOR") == NULL);
    return coloured ? codes[style] : "";
}

/** File names and details come from strangers: nothing of them may steer the terminal. */
static void print_line(const char *format, va_list args)
{
    char line[LINE_SIZE];
    (void)vsnprintf(line, sizeof line, format, args);
    safe_print(stderr, line);
    (void)fputc('\n', stderr);
}

static void say(enum style style, const char *label, const char *format, va_list args)
{
    (void)fprintf(stderr, "refrenda: %s%s%s", style_on(stderr, style), label, style_on(stderr, STYLE_PLAIN));
    print_line(format, args);
}

void message_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(STYLE_BAD, tr(N_("error: ")), format, args);
    va_end(args);
}

void message_warning(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(STYLE_WARN, tr(N_("warning: ")), format, args);
    va_end(args);
}

void message_hint(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fputs("  ", stderr);
    print_line(format, args);
    va_end(args);
}

void message_status(const char *about, const struct rfd_error *error)
{
    (void)fprintf(stderr, "refrenda: %s%s%s", style_on(stderr, STYLE_BAD), tr(N_("error: ")),
                  style_on(stderr, STYLE_PLAIN));
    if (about != NULL && strncmp(error->detail, about, strlen(about)) != 0) {
        safe_print(stderr, about);
        (void)fputs(": ", stderr);
    }
    (void)fputs(tr(rfd_status_message(error->code)), stderr);
    if (error->detail[0] != '\0') {
        (void)fputs(" (", stderr);
        safe_print(stderr, error->detail);
        (void)fputc(')', stderr);
    }
    (void)fputc('\n', stderr);
    for (int i = 0; i < error->cause_count; i++) {
        (void)fprintf(stderr, "  %s%s", tr(N_("because: ")), tr(rfd_status_message(error->causes[i].code)));
        if (error->causes[i].detail[0] != '\0') (void)fputs(": ", stderr);
        safe_print(stderr, error->causes[i].detail);
        (void)fputc('\n', stderr);
    }
    const char *hint = rfd_status_hint(error->code);
    if (*hint != '\0') message_hint("%s", tr(hint));
}

void message_done(const char *what, const char *input, const char *output)
{
    (void)printf("%s: ", what);
    safe_print(stdout, input);
    (void)fputs(" -> ", stdout);
    safe_print(stdout, output);
    (void)fputc('\n', stdout);
}

const char *moment_text(rfd_time t, char text[MOMENT_SIZE])
{
    if (t == RFD_TIME_NONE) {
        (void)snprintf(text, MOMENT_SIZE, "-");
        return text;
    }
    time_t seconds = (time_t)(t / RFD_SECOND);
    struct tm local;
    long offset = localtime_r(&seconds, &local) == NULL ? 0 : local.tm_gmtoff;
    struct civil c = clock_civil(t + offset * RFD_SECOND);
    long minutes = (offset < 0 ? -offset : offset) / 60;
    (void)snprintf(text, MOMENT_SIZE, "%04d-%02d-%02d %02d:%02d:%02d %c%02ld:%02ld", c.year % 10000, c.month % 100,
                   c.day % 100, c.hour % 100, c.minute % 100, c.second % 100, offset < 0 ? '-' : '+',
                   minutes / 60 % 100, minutes % 60);
    return text;
}
