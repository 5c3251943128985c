/* SPDX-License-Identifier: EUPL-1.2
 *
 * A whole ceremony by the plan that the project brings: what it leaves behind, that it works, and what a ceremony that
 * is refused or cut off leaves.
 */
#include "base/error.h"
#include "domain/authority/authority.h"
#include "domain/ceremony/ceremony.h"
#include "domain/ceremony/root.h"
#include "domain/schema.h"
#include "keeper/ask.h"
#include "keeper/local.h"
#include "pki/certificate/certificate.h"
#include "pki_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

static struct packs *packs;
static struct buf demo;
static struct yaml_file demo_file;
static const struct plan *demo_plan;

static rfd_status hold(const struct plan *plan, slice text, const char *home, struct rfd_error *error)
{
    const struct ceremony_options options = {.home = folder_file(home),
                                             .packs = packs,
                                             .packs_path = "/packs",
                                             .plan_text = text,
                                             .actor = SLICE("admin:test")};
    return ceremony_run(plan, &options, error);
}

static int set_up(void **state)
{
    struct rfd_error error = RFD_ERROR_INIT;
    char path[512];
    (void)state;
    (void)folder_new();
    (void)snprintf(path, sizeof path, "%s/packs", source_root());
    assert_int_equal(packs_open(path, &packs, NULL), RFD_OK);
    (void)snprintf(path, sizeof path, "%s/packs/plans/demo.yaml", source_root());
    assert_true(file_read(path, &demo));
    assert_int_equal(plan_read(path, packs, &demo_file, &demo_plan, &error), RFD_OK);
    rfd_status status = hold(demo_plan, buf_slice(&demo), "home", &error);
    if (status != RFD_OK) print_error("%s: %s\n", rfd_status_name(status), error.detail);
    assert_int_equal(status, RFD_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    packs_close(packs);
    yaml_dispose(&demo_file);
    buf_dispose(&demo);
    folder_remove();
    return 0;
}

static bool is_there(const char *name)
{
    return access(folder_file(name), F_OK) == 0;
}

/* ---- What is there ---- */

static void nobody_else_can_read_it(void **state)
{
    static const char *const files[] = {"home/keys/master.key",
                                        "home/keys/authority/emisora-1.key",
                                        "home/keys/signer-0/tsa.key",
                                        "home/keys/signer-1/tsa.key",
                                        "home/root/keys/raiz.key",
                                        "home/root/shares/custodian-1.share",
                                        "home/root/shares/custodian-3.share",
                                        "home/agente.p12",
                                        "home/agente.password",
                                        "home/tls/registration.key",
                                        "home/refrenda.yaml",
                                        "home/data/refrenda.db",
                                        "home/ceremony-record.pdf"};
    struct stat about;
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (stat(folder_file(files[i]), &about) != 0) fail_msg("%s is not there", files[i]);
        assert_int_equal(about.st_mode & 0777, 0600);
    }
    assert_false(is_there("home/" CEREMONY_UNFINISHED));
    assert_false(is_there("home/root/" CEREMONY_UNFINISHED));
    assert_false(is_there("home/keys/signer-2"));
}

/* What the root's store is opened with is nowhere but in the shares. */
static void only_shares_open_the_root(void **state)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct root root;
    char one[512], two[512];
    (void)state;
    (void)snprintf(one, sizeof one, "%s", folder_file("home/root/shares/custodian-3.share"));
    (void)snprintf(two, sizeof two, "%s", folder_file("home/root/shares/custodian-2.share"));
    const char *both[] = {one, two};
    const char *twice[] = {one, one};
    assert_int_equal(root_open(folder_file("home/root"), both, 1, packs, &root, &error), RFD_E_SHARES);
    assert_int_equal(root_open(folder_file("home/root"), twice, 2, packs, &root, &error), RFD_E_SHARES);
    assert_int_equal(root_open(folder_file("home/root"), both, 2, packs, &root, &error), RFD_OK);
    assert_string_equal(root.key, "raiz");
    assert_true(root.certificate->self_issued);
    root_close(&root);
}

static void the_register_knows_them(void **state)
{
    struct arena arena;
    char address[600];
    struct store *store = NULL;
    struct authority_list list;
    struct authority_crl crl;
    (void)state;
    (void)snprintf(address, sizeof address, "sqlite:%s", folder_file("home/data/refrenda.db"));
    const struct store_options options = {.address = address};
    arena_init(&arena, 1 << 20);
    assert_int_equal(domain_open_store(&options, &store, NULL), RFD_OK);
    struct authority_domain domain = {.store = store, .packs = packs};
    assert_int_equal(authority_list(&domain, &arena, &list, NULL), RFD_OK);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[0].key.length, 0);
    assert_int_equal(list.items[1].parent, list.items[0].id);
    assert_true(slice_is(list.items[1].ocsp_key, "ocsp-emisora-1"));
    for (size_t i = 0; i < list.count; i++) {
        assert_int_equal(authority_crl(store, list.items[i].id, 0, false, &arena, &crl, NULL), RFD_OK);
        assert_true(crl.der.length > 100);
    }
    assert_int_equal(authority_crl(store, list.items[1].id, 0, true, &arena, &crl, NULL), RFD_OK);
    store_close(store);
    arena_dispose(&arena);
}

/* ---- The first agent is the only one without approval ---- */

static rfd_status issue_agent(struct keeper_client *keeper, const char *profile, struct rfd_error *error)
{
    static const struct profile_value values[] = {{OID_COUNTRY, "PE"},
                                                  {OID_SURNAME, "SEGUNDA"},
                                                  {OID_GIVEN_NAME, "EVA"},
                                                  {OID_SERIAL_NUMBER, "IDCPE-00000001"},
                                                  {OID_COMMON_NAME, "EVA SEGUNDA"}};
    struct identity other = identity_new("P-256", "other", NULL, NULL);
    const struct ask_certificate ask = {.key = "emisora-1",
                                        .profile = profile,
                                        .values = values,
                                        .value_count = sizeof values / sizeof *values,
                                        .spki = other.certificate->spki};
    struct buf made;
    uint32_t partition = 0;
    buf_init(&made, ASK_CERTIFICATE_MAXIMUM);
    rfd_status status = ask_issue_service(keeper, &ask, &made, &partition, error);
    buf_dispose(&made);
    identity_free(&other);
    return status;
}

static void a_second_agent_needs_the_first(void **state)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct master master = {.kind = MASTER_CREDENTIAL};
    struct local_keeper keeper;
    (void)state;
    assert_int_equal(master_from_file(MASTER_CREDENTIAL, folder_file("home/keys/master.key"), &master, &error), RFD_OK);
    assert_int_equal(local_keeper_open(folder_file("home/keys/authority"), &master, packs, &keeper, &error), RFD_OK);
    assert_int_equal(issue_agent(keeper.client, "agent", &error), RFD_E_APPROVAL_FEW);
    assert_int_equal(issue_agent(keeper.client, "pe-natural-person", &error), RFD_E_APPROVAL_FEW);
    local_keeper_close(&keeper);
    master_dispose(&master);
}

/* ---- Refused, and cut off ---- */

static void a_folder_in_use_stays_as_it_is(void **state)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct buf before, after;
    (void)state;
    assert_true(file_read(folder_file("home/refrenda.yaml"), &before));
    assert_int_equal(hold(demo_plan, buf_slice(&demo), "home", &error), RFD_E_EXISTS);
    assert_true(file_read(folder_file("home/refrenda.yaml"), &after));
    assert_true(slice_equal(buf_slice(&before), buf_slice(&after)));
    assert_false(is_there("home/" CEREMONY_UNFINISHED));
    buf_dispose(&before);
    buf_dispose(&after);
    (void)mkdir(folder_file("taken"), 0755);
    (void)folder_write("taken/file", SLICE("mine"));
    assert_int_equal(hold(demo_plan, buf_slice(&demo), "taken", &error), RFD_E_EXISTS);
    assert_false(is_there("taken/" CEREMONY_UNFINISHED));
    assert_false(is_there("taken/root"));
}

static rfd_status hold_altered(const char *from, const char *to, const char *home, struct rfd_error *error)
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
    assert_int_equal(status, RFD_OK);
    status = hold(plan, buf_slice(&text), home, error);
    buf_dispose(&text);
    yaml_dispose(&file);
    return status;
}

/* Each fails at another step: the mark stays, and there are no settings that a server would start with. */
static void what_is_cut_off_says_so(void **state)
{
    static const struct {
        const char *from, *to;
    } cases[] = {
        /* The root's own name is too long for its certificate. */
        {"cn: AC Ra", "cn: 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 AC Ra"},
        {"cn: Sello de la", "cn: 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890"},
        {"signers: 2", "credential: /nowhere/at/all"},
        {"signers: 2", "database: \"sqlite:/nowhere/at/all.db\""},
        {"file: agente.p12", "file: /nowhere/at/all.p12"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rfd_error error = RFD_ERROR_INIT;
        char home[32], name[64];
        (void)snprintf(home, sizeof home, "cut-%zu", i);
        rfd_status status = hold_altered(cases[i].from, cases[i].to, home, &error);
        if (status == RFD_OK) fail_msg("%s", cases[i].to);
        (void)snprintf(name, sizeof name, "%s/" CEREMONY_UNFINISHED, home);
        assert_true(is_there(name));
        (void)snprintf(name, sizeof name, "%s/root/" CEREMONY_UNFINISHED, home);
        assert_true(is_there(name));
        (void)snprintf(name, sizeof name, "%s/refrenda.yaml", home);
        assert_false(is_there(name));
        assert_int_equal(hold(demo_plan, buf_slice(&demo), home, &error), RFD_E_EXISTS);
    }
}

/* Partitions, several authorities, one signer. */
static void another_plan(void **state)
{
    struct rfd_error error = RFD_ERROR_INIT;
    (void)state;
    rfd_status status = hold_altered("partitions: 1", "partitions: 3", "parts", &error);
    if (status != RFD_OK) fail_msg("%s", error.detail);
    status = hold_altered("signers: 2", "signers: 1", "alone", &error);
    if (status != RFD_OK) fail_msg("%s", error.detail);
    assert_false(is_there("alone/keys/signer-1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_else_can_read_it),
        cmocka_unit_test(only_shares_open_the_root),
        cmocka_unit_test(the_register_knows_them),
        cmocka_unit_test(a_second_agent_needs_the_first),
        cmocka_unit_test(a_folder_in_use_stays_as_it_is),
        cmocka_unit_test(what_is_cut_off_says_so),
        cmocka_unit_test(another_plan),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
