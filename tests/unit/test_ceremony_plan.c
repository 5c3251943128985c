/* SPDX-License-Identifier: EUPL-1.2
 *
 * Plans of ceremonies: the one that the project brings, and the same with mistakes, each told with file and line.
 */
#include "base/error.h"
#include "domain/ceremony/plan.h"
#include "pki_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static struct packs *packs;
static struct buf demo;

static int set_up(void **state)
{
    char path[512];
    (void)state;
    (void)folder_new();
    (void)snprintf(path, sizeof path, "%s/packs", source_root());
    assert_int_equal(packs_open(path, &packs, NULL), RFD_OK);
    (void)snprintf(path, sizeof path, "%s/packs/plans/demo.yaml", source_root());
    assert_true(file_read(path, &demo));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    packs_close(packs);
    buf_dispose(&demo);
    folder_remove();
    return 0;
}

static void the_demo_is_a_plan(void **state)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct yaml_file file = {.data = NULL};
    const struct plan *plan = NULL;
    struct profile_value values[PROFILE_ATTRIBUTES_MAXIMUM];
    (void)state;
    const char *path = folder_write("demo.yaml", buf_slice(&demo));
    rfd_status status = plan_read(path, packs, &file, &plan, &error);
    if (status != RFD_OK) print_error("%s\n", error.detail);
    assert_int_equal(status, RFD_OK);
    assert_int_equal(plan->root.custodian_count, 3);
    assert_int_equal(plan->issuing_count, 1);
    assert_string_equal(plan->issuing[0].name, "emisora-1");
    assert_true(plan->issuing[0].deltas);
    assert_int_equal(plan_issuer(plan, NULL), 0);
    assert_int_equal(plan_issuer(plan, "emisora-1"), 0);
    assert_int_equal(plan_issuer(plan, "nobody"), 1);
    assert_int_equal(plan_subject_values(&plan->agent.subject, values), 7);
    yaml_dispose(&file);
}

/* The demo with the first `from` replaced. */
static rfd_status read_altered(const char *from, const char *to, struct rfd_error *error)
{
    struct yaml_file file = {.data = NULL};
    const struct plan *plan = NULL;
    struct buf text;
    const uint8_t *at = memmem(demo.data, demo.length, from, strlen(from));
    assert_non_null(at);
    buf_init(&text, 1 << 20);
    buf_put(&text, demo.data, (size_t)(at - demo.data));
    buf_put_text(&text, to);
    buf_put_slice(&text, slice_from(buf_slice(&demo), (size_t)(at - demo.data) + strlen(from)));
    rfd_status status = plan_read(folder_write("altered.yaml", buf_slice(&text)), packs, &file, &plan, error);
    buf_dispose(&text);
    yaml_dispose(&file);
    return status;
}

static void mistakes_have_a_line(void **state)
{
    static const struct {
        const char *from, *to, *says;
    } cases[] = {
        {"title:", "titel:", "altered.yaml:9: Unexpected key: titel"},
        {"url: http://", "url: https://", "altered.yaml:11: https://127.0.0.1:8089: not http://"},
        {":8089\n", ":8089/\n", "altered.yaml:11: "},
        {"needed: 2", "needed: 1", "1 of 3 custodians"},
        {"needed: 2", "needed: 4", "4 of 3 custodians"},
        {"crl_days: 400", "crl_days: 401", "crl_days is not from 0 to 400"},
        {"years: 25", "years: 9", "years is not from 1 to 9"},
        {"algorithm: P-384", "algorithm: P-999", "there is no algorithm P-999"},
        {"algorithm: P-384", "algorithm: AES-256", "there is no algorithm AES-256"},
        {"name: raiz", "name: Raiz", "Raiz: not lower-case"},
        {"name: emisora-1", "name: raiz", "raiz is the root's name"},
        {"instance: 17", "instance: 128", "instance is not from 1 to 127"},
        {"profiles: [ocsp,", "profiles: [nothing,", "the packs have no profile nothing"},
        {"profiles: [ocsp,", "profiles: [ocsp, ocsp,", "ocsp is listed twice"},
        {"profiles: [ocsp, tsa, seal,", "profiles: [ocsp, tsa,", "emisora-1 issues no seal"},
        {"serialNumber: IDCPE-00000105", "ou: x", "wants serialNumber"},
        {"    cn: AC Ra", "    sn: x\n    cn: AC Ra", "the profile root has no sn"},
        {"policy: 2.999.1.9", "policy: none", "none is no object identifier"},
        {"accuracy_ms: 1000", "accuracy_ms: 0", "accuracy_ms is not from 1"},
        {"- name: tsa", "- issuer: nobody\n    name: tsa", "there is no issuing authority nobody"},
        {"signers: 2", "signers: 33", "signers is not from 0 to 32"},
        {"signers: 2", "credential: here", "here: not an absolute path"},
        {"signers: 2", "credential: /a\npassphrase_file: /b", "one of them"},
        {"signers: 2", "signers: 2\nsigners: 2", "already seen"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rfd_error error = RFD_ERROR_INIT;
        rfd_status status = read_altered(cases[i].from, cases[i].to, &error);
        if (status != RFD_E_PLAN || strstr(error.detail, cases[i].says) == NULL ||
            strstr(error.detail, "altered.yaml:") == NULL)
            fail_msg("%s: %d %s", cases[i].to, (int)status, error.detail);
    }
}

static void no_plan_at_all(void **state)
{
    static const char *const texts[] = {"", "- x\n", "title: x\n", "\xff", "title: [\n"};
    struct yaml_file file;
    const struct plan *plan;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(plan_read(folder_write("none.yaml", slice_text(texts[i])), packs, &file, &plan, NULL),
                         RFD_E_PLAN);
    assert_int_equal(plan_read(folder_file("nowhere"), packs, &file, &plan, NULL), RFD_E_IO_READ);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_demo_is_a_plan),
        cmocka_unit_test(mistakes_have_a_line),
        cmocka_unit_test(no_plan_at_all),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
