/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/report_text.h"

#include "cli/safe_text.h"

enum { LABEL_COLUMNS = 16 };

static const char *const kind_names[] = {
    [RFD_KIND_APPROVAL] = N_("Signature"),
    [RFD_KIND_ENDORSEMENT] = N_("Endorsement (visto bueno)"),
    [RFD_KIND_CERTIFICATION] = N_("Certification"),
    [RFD_KIND_DOCUMENT_TIMESTAMP] = N_("Document time stamp"),
};
static const char *const verdicts[] = {
    [RFD_TOTAL_PASSED] = N_("VALID"),
    [RFD_INDETERMINATE] = N_("INDETERMINATE"),
    [RFD_TOTAL_FAILED] = N_("INVALID"),
};
static const enum style verdict_styles[] = {
    [RFD_TOTAL_PASSED] = STYLE_GOOD, [RFD_INDETERMINATE] = STYLE_WARN, [RFD_TOTAL_FAILED] = STYLE_BAD};
static const char *const change_names[] = {
    [RFD_CHANGE_NONE] = N_("nothing was changed afterwards"),
    [RFD_CHANGE_LTA] = N_("only validation data and time stamps were added afterwards"),
    [RFD_CHANGE_FORM] = N_("form fields were filled in or signatures added afterwards"),
    [RFD_CHANGE_ANNOTATION] = N_("annotations were changed afterwards"),
    [RFD_CHANGE_OTHER] = N_("the document was changed afterwards"),
};
static const char *const level_names[] = {"B-B", "B-T", "B-LT", "B-LTA"};
static const char *const revocation_names[] = {
    [RFD_REVOCATION_UNKNOWN] = N_("revocation unknown"),
    [RFD_REVOCATION_GOOD] = N_("not revoked"),
    [RFD_REVOCATION_REVOKED] = N_("revoked"),
    [RFD_REVOCATION_HELD] = N_("on hold"),
    [RFD_REVOCATION_NOT_NEEDED] = N_("needs no check"),
};

static void label(FILE *to, const char *name)
{
    size_t columns = 0;
    for (const char *at = name; *at != '\0'; at++) columns += ((unsigned char)*at & 0xC0) != 0x80;
    (void)fprintf(to, "    %s%s%s%s%*s", style_on(to, STYLE_DIM), name, columns == 0 ? " " : ":",
                  style_on(to, STYLE_PLAIN), columns < LABEL_COLUMNS ? (int)(LABEL_COLUMNS - columns) : 1, "");
}

static void row(FILE *to, const char *name, const char *value)
{
    if (value == NULL || *value == '\0') return;
    label(to, name);
    safe_print(to, value);
    (void)fputc('\n', to);
}

static void print_times(FILE *to, const struct rfd_signature_report *s)
{
    char text[MOMENT_SIZE];
    if (s->claimed_time != RFD_TIME_NONE) {
        label(to, tr(N_("Claimed time")));
        (void)fprintf(to, "%s\n", moment_text(s->claimed_time, text));
    }
    label(to, tr(N_("Proven time")));
    (void)fprintf(to, "%s\n", s->proven_time == RFD_TIME_NONE ? tr(N_("none")) : moment_text(s->proven_time, text));
}

static void print_coverage(FILE *to, const struct rfd_signature_report *s, size_t revisions)
{
    label(to, tr(N_("Integrity")));
    (void)fprintf(to, "%s\n", s->intact ? tr(N_("the signed bytes are unaltered")) : tr(N_("NOT intact")));
    label(to, tr(N_("Covers")));
    if (s->revision == 0)
        (void)fprintf(to, "%s\n", tr(N_("no revision of the document")));
    else
        (void)fprintf(to, tr(N_("revision %u of %zu%s\n")), s->revision, revisions,
                      s->covers_whole_file ? tr(N_(", the whole file")) : "");
    label(to, tr(N_("Changes")));
    (void)fprintf(to, "%s%s%s\n", tr(change_names[s->changes]), s->changes_allowed ? "" : ": ",
                  s->changes_allowed ? "" : tr(N_("NOT allowed")));
}

/** The common name of an RFC 4514 subject, unescaped into `name`; the whole subject when it has none. */
static const char *short_name(const char *subject, char *name, size_t size)
{
    const char *at = strncmp(subject, "CN=", 3) == 0 ? subject : strstr(subject, ",CN=");
    size_t used = 0;
    if (at == NULL) return subject;
    for (at += *at == ',' ? 4 : 3; *at != '\0' && *at != ',' && used + 1 < size; at++) {
        if (*at == '\\' && at[1] != '\0') at++;
        name[used++] = *at;
    }
    name[used] = '\0';
    return name;
}

/** "not revoked, OCSP from the document"; `source` is "ocsp, document". */
static void print_revocation(FILE *to, const struct rfd_certificate_report *c)
{
    static const struct {
        const char *word, *text;
    } sources[] = {
        {"signature", N_("from the signature")},
        {"document", N_("from the document")},
        {"trust", N_("given")},
        {"network", N_("from the network")},
    };
    (void)fputs(tr(revocation_names[c->revocation]), to);
    if (*c->revocation_source == '\0') return;
    (void)fprintf(to, ", %s", strncmp(c->revocation_source, "ocsp", 4) == 0 ? "OCSP" : "CRL");
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        if (strstr(c->revocation_source, sources[i].word) != NULL) (void)fprintf(to, " %s", tr(sources[i].text));
    }
}

static void print_path(FILE *to, const struct rfd_certificate_report *path, size_t count, bool verbose)
{
    char from[MOMENT_SIZE];
    char until[MOMENT_SIZE];
    char name[256];
    for (size_t i = 0; i < count; i++) {
        const struct rfd_certificate_report *c = &path[i];
        label(to, i == 0 ? tr(N_("Path")) : "");
        (void)fprintf(to, "%*s%s", (int)i * 2, "", i == 0 ? "" : "└ ");
        safe_print(to, verbose ? c->subject : short_name(c->subject, name, sizeof name));
        (void)fputs(" (", to);
        if (c->anchor)
            (void)fputs(tr(N_("trust anchor")), to);
        else
            print_revocation(to, c);
        (void)fputs(")\n", to);
        if (!verbose) continue;
        (void)fprintf(to, "    %*s%s, %s %s, %s – %s\n", LABEL_COLUMNS + 3 + (int)i * 2, "", c->key, tr(N_("serial")),
                      c->serial, moment_text(c->not_before, from), moment_text(c->not_after, until));
        if (*c->revocation_detail != '\0') {
            (void)fprintf(to, "    %*s", LABEL_COLUMNS + 3 + (int)i * 2, "");
            safe_print(to, c->revocation_detail);
            (void)fputc('\n', to);
        }
    }
}

static void print_timestamps(FILE *to, const struct rfd_signature_report *s, bool verbose)
{
    char text[MOMENT_SIZE];
    for (size_t i = 0; i < s->timestamp_count; i++) {
        const struct rfd_timestamp_report *t = &s->timestamps[i];
        label(to, tr(N_("Time stamp")));
        (void)fprintf(to, "%s %s%s%s", moment_text(t->time, text), style_on(to, t->valid ? STYLE_GOOD : STYLE_WARN),
                      t->valid ? tr(N_("valid")) : tr(N_("not relied on")), style_on(to, STYLE_PLAIN));
        if (*t->detail != '\0') {
            (void)fputs(": ", to);
            safe_print(to, t->detail);
        }
        (void)fputc('\n', to);
        if (verbose) print_path(to, t->path, t->path_count, verbose);
    }
}

static void print_finding(FILE *to, const struct rfd_finding *f)
{
    static const enum style styles[] = {
        [RFD_SEVERITY_INFO] = STYLE_DIM, [RFD_SEVERITY_WARNING] = STYLE_WARN, [RFD_SEVERITY_ERROR] = STYLE_BAD};
    static const char *const marks[] = {
        [RFD_SEVERITY_INFO] = "·", [RFD_SEVERITY_WARNING] = "!", [RFD_SEVERITY_ERROR] = "✗"};
    const char *family = rfd_finding_family(f->code);
    (void)fprintf(to, "    %s%s%s %s", style_on(to, styles[f->severity]), marks[f->severity], style_on(to, STYLE_PLAIN),
                  tr(rfd_finding_message(f->code)));
    (void)fprintf(to, " [%s%s%s", rfd_finding_name(f->code), *family == '\0' ? "" : ", ", family);
    if (f->object != 0) (void)fprintf(to, tr(N_(", object %u")), f->object);
    if (f->revision != 0) (void)fprintf(to, tr(N_(", revision %u")), f->revision);
    (void)fputc(']', to);
    if (*f->detail != '\0') {
        (void)fputs(" ", to);
        safe_print(to, tr(f->detail)); /* some details are messages themselves */
    }
    (void)fputc('\n', to);
}

static void print_findings(FILE *to, const struct rfd_finding *findings, size_t count, bool verbose)
{
    for (size_t i = 0; i < count; i++) {
        if (verbose || findings[i].severity != RFD_SEVERITY_INFO) print_finding(to, &findings[i]);
    }
}

static void print_level(FILE *to, const struct rfd_signature_report *s)
{
    if (s->kind == RFD_KIND_DOCUMENT_TIMESTAMP || *s->digest_algorithm == '\0') return;
    label(to, tr(N_("Level")));
    (void)fprintf(to, "%s%s (%s, %s)\n", s->baseline ? "PAdES " : "",
                  s->baseline ? level_names[s->level] : s->sub_filter, s->signature_algorithm, s->digest_algorithm);
}

static void print_signature(FILE *to, size_t number, const struct rfd_signature_report *s, size_t revisions,
                            bool verbose)
{
    const char *sub = rfd_sub_indication_name(s->sub_indication);
    (void)fprintf(to, "\n  %zu. %s%s%s  %s ", number, style_on(to, verdict_styles[s->indication]),
                  tr(verdicts[s->indication]), style_on(to, STYLE_PLAIN), tr(kind_names[s->kind]));
    (void)fputs(style_on(to, STYLE_BOLD), to);
    safe_print(to, s->field);
    (void)fprintf(to, "%s  %s%s%s%s%s\n", style_on(to, STYLE_PLAIN), style_on(to, STYLE_DIM),
                  rfd_indication_name(s->indication), *sub == '\0' ? "" : " / ", sub, style_on(to, STYLE_PLAIN));
    row(to, s->kind == RFD_KIND_DOCUMENT_TIMESTAMP ? tr(N_("Authority")) : tr(N_("Signer")), s->signer);
    row(to, tr(N_("Name")), s->name);
    row(to, tr(N_("Reason")), s->reason);
    row(to, tr(N_("Location")), s->location);
    row(to, tr(N_("Contact")), s->contact);
    print_times(to, s);
    print_coverage(to, s, revisions);
    print_level(to, s);
    print_timestamps(to, s, verbose);
    print_path(to, s->path, s->path_count, verbose);
    print_findings(to, s->findings, s->finding_count, verbose);
}

void report_text(FILE *to, const char *name, const struct rfd_verification *v, bool verbose)
{
    char text[MOMENT_SIZE];
    size_t count = rfd_verification_count(v);
    (void)fputs(style_on(to, STYLE_BOLD), to);
    safe_print(to, name);
    (void)fprintf(to, "%s: ", style_on(to, STYLE_PLAIN));
    if (count == 0) {
        (void)fprintf(to, "%s\n", tr(N_("not signed")));
    } else {
        enum rfd_indication worst = rfd_verification_indication(v);
        (void)fprintf(to, "%s%s%s, ", style_on(to, verdict_styles[worst]), tr(verdicts[worst]),
                      style_on(to, STYLE_PLAIN));
        (void)fprintf(to, tr_count("%zu signature", "%zu signatures", count), count);
        (void)fprintf(to, tr(N_(", verified as of %s\n")), moment_text(rfd_verification_time(v), text));
    }
    for (size_t i = 0; i < rfd_verification_finding_count(v); i++) {
        const struct rfd_finding *f = rfd_verification_finding(v, i);
        print_findings(to, f, 1, verbose);
    }
    for (size_t i = 0; i < count; i++)
        print_signature(to, i + 1, rfd_verification_signature(v, i), rfd_verification_revision_count(v), verbose);
}
