/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files of units, positions and people: what they change, what a dry run tells, and what is refused, whole.
 */
#include "organisation_world.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "domain/organisation/csv.h"

#include <stdio.h>

/* --- Running ------------------------------------------------------------------------------------------------------ */

static struct {
    slice csv;
    bool dry;
    struct import_counts counts;
    char told[16384]; /* "2 new Unit GAF: ..." a line */
    size_t length;
    struct house *h;
} job;

static rfd_status note(void *context, const struct import_line *line, struct rfd_error *error)
{
    static const char *const changes[] = {"new", "changed", "same", "wrong"};
    (void)context;
    (void)error;
    int length = snprintf(job.told + job.length, sizeof job.told - job.length, "%u %s %.*s: %.*s\n", line->line,
                          changes[line->change], (int)line->what.length, (const char *)line->what.data,
                          (int)line->detail.length, (const char *)line->detail.data);
    if (length > 0 && (size_t)length < sizeof job.told - job.length) job.length += (size_t)length;
    return RFD_OK;
}

static rfd_status import_work(struct transaction *t, void *context, struct rfd_error *error)
{
    (void)context;
    job.length = 0;
    job.told[0] = '\0';
    const struct import_options options = {
        .packs = job.h->packs, .entity = job.h->entity, .dry_run = job.dry, .each = note};
    return organisation_import(t, &job.h->actor, job.csv, &options, &job.counts, error);
}

static rfd_status import(struct house *h, const char *csv, bool dry)
{
    job.h = h;
    job.csv = slice_text(csv);
    job.dry = dry;
    job.counts = (struct import_counts){.lines = 0};
    return house_write(h, import_work, NULL);
}

static void expect(struct house *h, const char *csv, unsigned added, unsigned changed, unsigned same)
{
    if (import(h, csv, false) != RFD_OK) fail_msg("%s\n%s", h->error.detail, job.told);
    if (job.counts.added != added || job.counts.changed != changed || job.counts.same != same) fail_msg("%s", job.told);
}

/** Wrong in the dry run, refused in the other; one line says so, and nothing is different. */
static void refuse(struct house *h, const char *csv, const char *says)
{
    int64_t before = house_number(h, "SELECT (SELECT count(*) FROM unit) + (SELECT count(*) FROM position) + (SELECT "
                                     "count(*) FROM person) + (SELECT count(*) FROM appointment) + (SELECT count(*) "
                                     "FROM audit_waiting) + (SELECT count(*) FROM unit_word)");
    if (import(h, csv, true) != RFD_OK) fail_msg("%s", h->error.detail);
    if (job.counts.wrong == 0) fail_msg("%s\n%s", csv, job.told);
    if (strstr(job.told, says) == NULL) fail_msg("%s", job.told);
    assert_int_equal(import(h, csv, false), RFD_E_INVALID);
    assert_int_equal(house_number(h, "SELECT (SELECT count(*) FROM unit) + (SELECT count(*) FROM position) + (SELECT "
                                     "count(*) FROM person) + (SELECT count(*) FROM appointment) + (SELECT count(*) "
                                     "FROM audit_waiting) + (SELECT count(*) FROM unit_word)"),
                     before);
}

#define UNITS                                                                                                          \
    "Código,Siglas,Nombre,Superior\n"                                                                                 \
    "01,GR,Gobernación Regional,\n"                                                                                   \
    "01.1,GAF,\"Gerencia de Administración, y Finanzas\",01\n"                                                        \
    "01.1.1,OTI,Oficina de Tecnologías,01.1\n"
#define POSITIONS                                                                                                      \
    "unidad;cargo;jefatura;plazas\n"                                                                                   \
    "01;Gobernadora;sí;\n"                                                                                            \
    "01.1;Gerente;x;1\n"                                                                                               \
    "01.1.1;Analista;no;3\n"
#define PEOPLE_HEADER                                                                                                  \
    "documento,numero,nombres,primer_apellido,segundo_apellido,correo,movil,unidad,cargo,desde,hasta,encargo,"         \
    "resolucion\n"
#define PEOPLE                                                                                                         \
    PEOPLE_HEADER                                                                                                      \
    "DNI,10117410-2,Ana María,Quispe,Ñahui,ana@ejemplo.pe,+51 987 654 321,01,Gobernadora,01/01/2026,,,R-1\n"         \
    "dni,83604450,Luis,Rojas,,luis@ejemplo.pe,,01.1,Gerente,2026-02-01,31/12/2026,,R-2\n"                              \
    ",34285249,Eva,Núñez,Paz,,,01.1.1,analista,01/03/2026,,,\n"

static void fill(struct house *h)
{
    expect(h, UNITS, 3, 0, 0);
    expect(h, POSITIONS, 3, 0, 0);
    expect(h, PEOPLE, 3, 0, 0);
}

/* --- Good files --------------------------------------------------------------------------------------------------- */

static void test_three_files(void **state)
{
    struct house *h = house_open(state);
    fill(h);
    assert_string_equal(house_text(h, "SELECT name FROM unit WHERE code = '01.1'"),
                        "Gerencia de Administración, y Finanzas");
    assert_int_equal(house_number(h, "SELECT places FROM position WHERE name = 'Analista'"), 3);
    assert_int_equal(house_number(h, "SELECT count(*) FROM position WHERE head"), 2);
    assert_string_equal(house_text(h, "SELECT mobile FROM person WHERE number = '10117410'"), "+51987654321");
    assert_int_equal(house_number(h, "SELECT ends FROM appointment WHERE document = 'R-2'"),
                     (int64_t)1798761600 * 1000000); /* 1 January 2027: the day after the last */
    assert_int_equal(house_number(h, "SELECT count(*) FROM audit_waiting WHERE action = 'organisation.import'"), 3);
    int64_t events = house_number(h, "SELECT count(*) FROM audit_waiting");
    expect(h, UNITS, 0, 0, 3);
    expect(h, POSITIONS, 0, 0, 3);
    expect(h, PEOPLE, 0, 0, 3);
    assert_int_equal(house_number(h, "SELECT count(*) FROM audit_waiting"), events);
}

static void test_changes_are_told(void **state)
{
    struct house *h = house_open(state);
    fill(h);
    expect(h, "codigo,siglas,nombre,superior\n01.1.1,OTIC,,01\n01.1,,,-\n", 0, 2, 0);
    assert_string_equal(job.told, "2 changed Unit 01.1.1: siglas: OTI → OTIC; superior: 01.1 → 01\n"
                                  "3 changed Unit 01.1: superior: 01 → –\n");
    expect(h, PEOPLE_HEADER "dni,10117410,,,,-,+51 900 000 001,,,,,,\n", 0, 1, 0);
    assert_string_equal(job.told, "2 changed Person DNI 10117410: correo: ana@ejemplo.pe → –; movil: +51987654321 → "
                                  "+51900000001\n");
    expect(h, PEOPLE_HEADER "dni,34285249,,,,,,01.1.1,Analista,,30/06/2027,si,R-9\n", 0, 1, 0);
    assert_string_equal(job.told, "2 changed Person DNI 34285249: hasta: – → 30/06/2027; encargo: no → yes; "
                                  "resolucion: – → R-9\n");
    expect(h, "unidad,cargo,plazas\n01.1.1,ANALISTA,5\n", 0, 1, 0);
    assert_string_equal(job.told, "2 changed Position ANALISTA 01.1.1: cargo: Analista → ANALISTA; plazas: 3 → 5\n");
}

static void test_dry_run(void **state)
{
    struct house *h = house_open(state);
    int64_t events = house_number(h, "SELECT count(*) FROM audit_waiting");
    assert_int_equal(import(h, UNITS, true), RFD_OK);
    assert_int_equal(job.counts.lines, 3);
    assert_int_equal(job.counts.added, 3);
    assert_int_equal(house_number(h, "SELECT count(*) FROM unit"), 0);
    assert_int_equal(house_number(h, "SELECT count(*) FROM unit_word"), 0);
    assert_int_equal(house_number(h, "SELECT count(*) FROM audit_waiting"), events);
    expect(h, UNITS, 3, 0, 0);
}

static void test_encodings(void **state)
{
    struct house *h = house_open(state);
    expect(h, "\xEF\xBB\xBF" UNITS, 3, 0, 0);
    expect(h, "codigo;siglas;nombre\r\n02;\xD1;Direcci\xF3n\r\n", 1, 0, 0); /* ISO 8859-1 */
    assert_string_equal(house_text(h, "SELECT name FROM unit WHERE code = '02'"), "Dirección");
    expect(h, "sep=;\r\ncodigo;siglas;nombre\r\n03;X;\"dos \"\"comillas\"\"\r\nseguidas\"\r\n\r\n;;\r\n", 1, 0, 0);
    assert_string_equal(house_text(h, "SELECT name FROM unit WHERE code = '03'"), "dos \"comillas\"  seguidas");
    expect(h, "codigo\tsiglas\tnombre\n04\tT\tTabulada", 1, 0, 0);
    assert_int_equal(import(h,
                            "\xFF\xFE"
                            "c\0o\0",
                            true),
                     RFD_OK); /* cut at the zero by this test */
    job.csv = slice_of("\xFF\xFE"
                       "c\0o\0",
                       6);
    job.dry = true;
    assert_int_equal(house_write(h, import_work, NULL), RFD_E_INVALID);
}

/** Two lines of one person, at two positions. */
static void test_two_appointments(void **state)
{
    struct house *h = house_open(state);
    expect(h, UNITS, 3, 0, 0);
    expect(h, POSITIONS, 3, 0, 0);
    expect(h,
           PEOPLE_HEADER "dni,10117410,Ana,Quispe,,ana@ejemplo.pe,,01,Gobernadora,01/01/2026,,,\n"
                         "dni,10117410,Ana,Quispe,,,,01.1,Gerente,01/01/2026,,si,\n",
           2, 0, 0);
    assert_int_equal(house_number(h, "SELECT count(*) FROM person"), 1);
    assert_int_equal(house_number(h, "SELECT count(*) FROM appointment WHERE acting"), 1);
}

/* --- Wrong files -------------------------------------------------------------------------------------------------- */

static void test_wrong_lines(void **state)
{
    static const struct {
        const char *csv, *says;
    } rows[] = {
        {"", "The first line has to name"},
        {"\n\n", "The first line has to name"},
        {"codigo,siglas\n1,2\n", "The first line has to name"},
        {"codigo,siglas,nombre,color\n05,A,B,rojo\n", "This column is not known: color"},
        {"codigo,siglas,nombre,nombre\n05,A,B,C\n", "twice"},
        {"codigo,siglas,nombre\n05,A,B\n05,C,D\n", "3 wrong Unit 05: Another line is about the same (2)"},
        {"codigo,siglas,nombre\n05,,B\n", "2 wrong Unit 05: siglas: This is needed"},
        {"codigo,siglas,nombre\n,A,B\n", "codigo: This is needed"},
        {"codigo,siglas,nombre,superior\n05,A,B,06\n06,C,D,\n", "2 wrong Unit 05: superior: There is no unit"},
        {"codigo,siglas,nombre,superior\n01,,,01.1.1\n", "superior: A unit cannot be below itself"},
        {"codigo,siglas,nombre\n05,A,\"B\n06,C,D\n", "A quotation mark is not closed"},
        {"codigo,siglas,nombre\n05,A,\"B\" \n", "behind a closing quotation mark"},
        {"codigo,siglas,nombre\n05,A\x01,B\n", "siglas: This has characters"},
        {"unidad,cargo\n99,Jefe\n", "unidad: There is no unit of this code"},
        {"unidad,cargo,jefatura\n01,Otra,quizás\n", "jefatura: Write yes or no"},
        {"unidad,cargo,jefatura\n01,Otra,si\n", "jefatura: Another position leads this unit already"},
        {"unidad,cargo,plazas\n01,Otra,-3\n", "plazas: From 1 to 10,000 places"},
        {"unidad,cargo\n01,Otra\n01,OTRA\n", "Another line is about the same (2)"},
        {PEOPLE_HEADER "dni,10117410-3,Ana,Quispe,,,,,,,,,\n", "numero: The check digit does not fit"},
        {PEOPLE_HEADER "dni,123,Ana,Quispe,,,,,,,,,\n", "numero: This is not how numbers"},
        {PEOPLE_HEADER "ruc,20131312955,Ana,Quispe,,,,,,,,,\n", "documento: This is not an identity document"},
        {PEOPLE_HEADER "dni,99560964,,Quispe,,,,,,,,,\n", "nombres: This is needed"},
        {PEOPLE_HEADER "dni,99560964,Pau,Rius,,pau,,,,,,,\n", "correo: An address looks like"},
        {PEOPLE_HEADER "dni,99560964,Pau,Rius,,,,01.1.1,,,,,\n", "cargo: Unit and position go together"},
        {PEOPLE_HEADER "dni,99560964,Pau,Rius,,,,01.1.1,Jefe,,,,\n", "cargo: The unit has no position of this name"},
        {PEOPLE_HEADER "dni,99560964,Pau,Rius,,,,01.1.1,Analista,,,,\n", "desde: This is needed"},
        {PEOPLE_HEADER "dni,99560964,Pau,Rius,,,,01.1.1,Analista,31/02/2026,,,\n", "desde: Days are written"},
        {PEOPLE_HEADER "dni,99560964,Pau,Rius,,,,01.1.1,Analista,1/2/26,,,\n", "desde: Days are written"},
        {PEOPLE_HEADER "dni,99560964,Pau,Rius,,,,01.1.1,Analista,01/02/2026,01/01/2026,,\n", "hasta: The end comes"},
        {PEOPLE_HEADER "dni,99560964,Pau,Rius,,,,01,Gobernadora,01/02/2026,,,\n", "cargo: Somebody else holds"},
        {PEOPLE_HEADER "dni,99560964,Pau,Rius,,,,,,,,,\ndni,99560964,Pau,Otro,,,,01.1.1,Analista,01/02/2026,,,\n",
         "Another line says something else of this person"},
    };
    struct house *h = house_open(state);
    fill(h);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) refuse(h, rows[i].csv, rows[i].says);
}

/** A good line before a wrong one is not taken over. */
static void test_all_or_nothing(void **state)
{
    struct house *h = house_open(state);
    refuse(h, "codigo,siglas,nombre\n05,A,B\n06,,D\n", "3 wrong");
    assert_non_null(strstr(job.told, "2 new Unit 05"));
    assert_int_equal(house_number(h, "SELECT count(*) FROM unit"), 0);
}

#define LEAVERS "numero;ultimo_dia;motivo;unidad;cargo\n"

static void test_departures(void **state)
{
    struct house *h = house_open(state);
    fill(h);
    house_as(h, &(struct actor_role){.role = ROLE_PERSONNEL, .entity = h->entity});
    assert_int_equal(import(h, LEAVERS "10117410;31/12/2026;Renuncia;;\n", true), RFD_OK);
    if (job.counts.added != 1) fail_msg("%s", job.told);
    assert_int_equal(house_number(h, "SELECT count(*) FROM departure"), 0); /* nothing yet */
    refuse(h, LEAVERS "99999999;31/12/2026;Renuncia;;\n", "nobody with this number");
    refuse(h, LEAVERS "10117410;pronto;Renuncia;;\n", "Days are written");
    refuse(h, LEAVERS "10117410;31/12/2026;;;\n", "motivo");
    refuse(h, LEAVERS "10117410;31/12/2026;Renuncia;09;\n", "no such appointment");
    refuse(h, LEAVERS "10117410;31/12/2026;Renuncia;;\n10117410;30/12/2026;Otra vez;;\n", "wrong");
    expect(h, LEAVERS "10117410;31/12/2026;Renuncia;;\n34285249;2026-11-30;Fin del contrato;01.1.1;Analista\n", 2, 0,
           0);
    assert_int_equal(house_number(h, "SELECT count(*) FROM departure WHERE undecided > 0"), 2);
    assert_int_equal(house_number(h, "SELECT leaves FROM departure ORDER BY id LIMIT 1"),
                     (int64_t)1798761600 * 1000000);                /* 1 January 2027: the day after the last */
    expect(h, LEAVERS "10117410;31/12/2026;Renuncia;;\n", 0, 0, 1); /* reported already */
    house_as(h, &(struct actor_role){.role = ROLE_ADMINISTRATOR});  /* imports, but reports no departures */
    refuse(h, LEAVERS "83604450;31/10/2026;Renuncia;;\n", "wrong");
}

static void test_who_may_import(void **state)
{
    struct house *h = house_open(state);
    house_as(h, &(struct actor_role){.role = ROLE_AUDITOR});
    assert_int_equal(import(h, UNITS, true), RFD_E_FORBIDDEN);
    house_as(h, &(struct actor_role){.role = ROLE_PERSONNEL, .entity = h->entity + 1});
    assert_int_equal(import(h, UNITS, true), RFD_E_FORBIDDEN);
    house_as(h, &(struct actor_role){.role = ROLE_PERSONNEL, .entity = h->entity});
    expect(h, UNITS, 3, 0, 0);
    house_as_nobody(h);
    assert_int_equal(import(h, UNITS, true), RFD_E_UNAUTHORISED);
}

/* --- Hostile and large files -------------------------------------------------------------------------------------- */

static void repeat(struct buf *b, const char *text, unsigned times)
{
    while (times-- > 0) buf_put_text(b, text);
}

static void test_hostile_files(void **state)
{
    struct house *h = house_open(state);
    struct buf b;
    buf_init(&b, CSV_MAXIMUM + 4096);
    buf_put_text(&b, "codigo,siglas,nombre\n");
    repeat(&b, "\"", 1 << 16); /* one quotation mark after the other */
    buf_put_byte(&b, 0);
    assert_int_equal(import(h, (const char *)b.data, true), RFD_OK);
    assert_int_equal(job.counts.wrong, 1);
    buf_reset(&b);
    buf_put_text(&b, "codigo,siglas,nombre\n");
    repeat(&b, "1,2,\"\n", 100000); /* each line opens one */
    buf_put_byte(&b, 0);
    assert_int_equal(import(h, (const char *)b.data, true), RFD_OK);
    assert_true(job.counts.wrong <= 1000);
    buf_reset(&b);
    buf_put_text(&b, "codigo,siglas,nombre\n");
    repeat(&b, ",", 1 << 20);
    buf_put_byte(&b, 0);
    assert_int_equal(import(h, (const char *)b.data, true), RFD_OK);
    assert_int_equal(job.counts.wrong, 1);
    buf_reset(&b);
    buf_put_text(&b, "codigo,siglas,nombre\n05,A,");
    repeat(&b, "x", 1 << 20);
    buf_put_byte(&b, 0);
    assert_int_equal(import(h, (const char *)b.data, true), RFD_OK);
    assert_non_null(strstr(job.told, "A cell is too long"));
    job.csv = slice_of(b.data, CSV_MAXIMUM + 1);
    buf_reset(&b);
    buf_fill(&b, 'a', CSV_MAXIMUM + 1);
    job.csv = buf_slice(&b);
    assert_int_equal(house_write(h, import_work, NULL), RFD_E_LIMIT);
    buf_dispose(&b);
}

/** The memory that lines need is given back: a long file does not reach the transaction's limit. */
static void test_long_file(void **state)
{
    struct house *h = house_open(state);
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_put_text(&b, "codigo,siglas,nombre,superior\n");
    for (unsigned i = 0; i < 1500; i++) buf_print(&b, "U%u,U%u,Unidad %u,%s\n", i, i, i, i == 0 ? "" : "U0");
    buf_put_byte(&b, 0);
    job.told[0] = '\0';
    expect(h, (const char *)b.data, 1500, 0, 0);
    buf_dispose(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_STORES(test_departures),    ON_BOTH_STORES(test_three_files),    ON_BOTH_STORES(test_changes_are_told),
        ON_BOTH_STORES(test_dry_run),       ON_BOTH_STORES(test_encodings),      ON_BOTH_STORES(test_two_appointments),
        ON_BOTH_STORES(test_wrong_lines),   ON_BOTH_STORES(test_all_or_nothing), ON_BOTH_STORES(test_who_may_import),
        ON_BOTH_STORES(test_hostile_files), ON_BOTH_STORES(test_long_file),
    };
    return cmocka_run_group_tests(tests, house_setup, house_teardown);
}
