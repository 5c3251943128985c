/* SPDX-License-Identifier: EUPL-1.2
 *
 * The whole web with both keepers behind it, and people in browsers: pages, forms, and the script that encrypts
 * password and code (assets/script/activation.js).
 */
#ifndef TESTS_CITIZEN_H
#define TESTS_CITIZEN_H

/* First: it renames what others have, too. */
#include "registration_world_of_pages.h"

#include "central_world.h"
#include "web_support.h"

struct house {
    struct office *office;
    struct central central;
    struct web_world *web;
};
/** Somebody in a browser. */
struct citizen {
    struct house *house;
    int64_t person;
    char cookie[128], csrf[64];
};
/** What an activation's page gives its script. */
struct activation {
    struct central_authorisation begun;
    struct arena memory;
    char address[256];
};

void house_open(void **state, struct house *h);
void house_close(struct house *h);
struct citizen citizen_sign_in(struct house *h, int64_t person);

/* ---- Pages ---- */

int citizen_get(const struct citizen *c, struct exchange_of_test *x, const char *format, ...) RFD_PRINTF(3, 4);
/** The status; whether the page has this text. */
int citizen_look(const struct citizen *c, const char *path, const char *text, bool *found);
/** The same of a page that is there. */
bool citizen_says(const struct citizen *c, const char *path, const char *text);
int citizen_post(const struct citizen *c, struct exchange_of_test *x, const char *path, const char *accept,
                 const char *fields);
int citizen_do_post(const struct citizen *c, const char *path, const char *fields);
/** What a page says is wrong; "". */
const char *page_told(struct exchange_of_test *x);
/** The value of an attribute, which is plain text. */
slice page_attribute(const struct exchange_of_test *x, const char *name);

/* ---- Password and code ---- */

/** Posts a form whose answer asks for password and code. */
void citizen_begin(const struct citizen *c, const char *path, const char *fields, struct activation *a);
void activation_take(const struct exchange_of_test *x, struct activation *a);
/** As activation.js sends it; the answer's JSON is in `x`. `code` NULL: the right one. */
int citizen_activate(const struct citizen *c, struct activation *a, struct exchange_of_test *x, const char *password,
                     const char *code);
int citizen_try(const struct citizen *c, struct activation *a, const char *password, const char *code,
                const char *wanted);
/** The worker is given each code once: the same one is asked for again. */
void citizen_send_again(const struct citizen *c, const struct activation *a);
/** A certificate made by the pages alone; its credential. */
void citizen_certificate(const struct citizen *c, char credential[PERSONAL_ID_SIZE]);

#endif
