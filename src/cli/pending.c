/* Temporary, until the parts land: removed by the lead. */
#include "base/error.h"
#include "cli/command.h"
#define WEAK __attribute__((weak))
WEAK rfd_status rfd_stamp_new(const struct rfd_stamp_options *o, struct rfd_stamp **out, struct rfd_error *e) { (void)o; (void)out; return error_set(e, RFD_E_UNSUPPORTED, NULL); }
WEAK void rfd_stamp_free(struct rfd_stamp *s) { (void)s; }
WEAK rfd_status rfd_verification_html(const struct rfd_verification *v, const char *n, const struct rfd_language *l, rfd_bytes *out, struct rfd_error *e) { (void)v; (void)n; (void)l; (void)out; return error_set(e, RFD_E_UNSUPPORTED, NULL); }
WEAK rfd_status rfd_verification_pdf(const struct rfd_verification *v, const char *n, const struct rfd_language *l, rfd_bytes *out, struct rfd_error *e) { (void)v; (void)n; (void)l; (void)out; return error_set(e, RFD_E_UNSUPPORTED, NULL); }
WEAK int run_preview(const struct arguments *a) { (void)a; return EXIT_INTERNAL; }
