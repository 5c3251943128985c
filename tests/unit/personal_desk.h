/* SPDX-License-Identifier: EUPL-1.2
 *
 * A personal keeper inside the test program, with a registered agent, a clock that the test moves, and a browser that
 * encrypts what a person types. Failures end the test.
 */
#ifndef TESTS_PERSONAL_DESK_H
#define TESTS_PERSONAL_DESK_H

#include "issue_support.h"
#include "personal/internal.h"

#define DESK_PASSWORD "contraseña 1"
#define DESK_PORTAL   "Sede electrónica de Villa Ejemplo"

struct personal_desk {
    char path[256];
    struct master master;
    struct keystore store;
    struct personal_options options;
    struct personal *personal;
    struct identity authority, agent, other;
    rfd_time now, here; /* the clock, and the monotonic one */
    struct buf body, answer, text;
    struct approval approval; /* of the last generation */
    struct buf signed_data;
    rfd_status status; /* of the last answer */
    char detail[RFD_ERROR_DETAIL_SIZE];
    size_t events;
};
extern struct personal_desk pdesk;

/** Of a group of tests, and of each. */
int pdesk_open_room(void **state);
int pdesk_close_room(void **state);
int pdesk_set(void **state);
int pdesk_clear(void **state);
/** Another keeper on the same store, as after a crash. */
void pdesk_reopen(void);
/** Time goes on, by both clocks. */
void pdesk_wait(unsigned seconds);

/** Asks, empties `body`; `fields` (may be NULL) reads the answer. */
rfd_status pdesk_ask(enum keeper_sender sender, uint16_t type, struct message_reader *fields);
rfd_status pdesk_register(enum keeper_registered kind, const char *name, slice proof, const char *profiles,
                          const char *shown);

/** What PERSONAL_BEGIN says. */
struct begun {
    uint8_t id[PERSONAL_OPERATION_SIZE], nonce[PERSONAL_NONCE_SIZE];
    rfd_time ends, again;
    uint8_t proofs, channel;
    char masked[PERSONAL_ADDRESS_SIZE];
    uint8_t info[512];
    size_t info_length;
    uint8_t totp[PERSONAL_TOTP_SIZE]; /* opened with the browser's key */
};
/** Begins with pdesk.text, which `o` is. */
rfd_status pdesk_begin_text(const struct operation_text *o, uint8_t channel, slice statement, struct begun *out);
rfd_status pdesk_begin(enum operation_kind kind, const char *credential, struct begun *out);
rfd_status pdesk_begin_sign(const char *credential, unsigned first, unsigned count, struct begun *out);
/** The hash number `n` that pdesk_begin_sign() asks for. */
void pdesk_hash(unsigned n, uint8_t hash[OPERATION_HASH_SIZE]);

/** What the worker finds: the code of an operation; "" when there is none. */
void pdesk_code(const struct begun *b, unsigned which, char code[PERSONAL_CODE_SIZE]);
/** One that is not `code`. */
void pdesk_other_code(char code[PERSONAL_CODE_SIZE]);

/** A ciphertext, as a browser makes it. */
struct pressed {
    uint8_t encapsulated[HPKE_POINT_SIZE];
    uint8_t sealed[4096];
    size_t length;
};
struct pressed pdesk_press(const struct begun *b, const char *password, const char *code, const char *new_password,
                           const char *second_code);
rfd_status pdesk_send(const struct begun *b, const struct pressed *p, struct message_reader *fields);
rfd_status pdesk_activate(const struct begun *b, const char *password, const char *code, const char *new_password,
                          const char *second_code, struct message_reader *fields);

/** An approval of holder number `number` for a central key, signed by the agent. */
void pdesk_approve(unsigned number, rfd_time time);
/** One of an entity, and its holder's name; signed by the other identity, which is an agent for seals from then on. */
#define PDESK_ENTITY "VATPE-20000000001"
void pdesk_approve_entity(rfd_time time);
/** Whether those that follow want a code for each signature. */
void pdesk_want_code(bool code);
/** A seal that can sign, of that entity. */
void pdesk_generate_seal(char id[PERSONAL_ID_SIZE]);
/** A credential that can sign, of that holder. */
void pdesk_generate(unsigned number, char id[PERSONAL_ID_SIZE]);
/** Everything up to the SAD. */
rfd_status pdesk_authorise(const char *credential, unsigned first, unsigned count, uint8_t sad[PERSONAL_SAD_SIZE]);
rfd_status pdesk_sign(const uint8_t sad[PERSONAL_SAD_SIZE], unsigned first, unsigned count,
                      struct message_reader *fields);
/** What PERSONAL_SHOW says. */
struct shown {
    uint8_t state, wrong_left, channel;
    bool entity;
    rfd_time refused_until, approved;
    char mobile[PERSONAL_ADDRESS_SIZE];
    uint8_t spki[1024];
    size_t spki_length;
};
rfd_status pdesk_show(const char *credential, struct shown *out);
/** A certificate of the key for the holder (of an entity when it is PDESK_ENTITY); appended. */
void pdesk_make_certificate(slice spki, const char *holder, struct buf *der);

#endif
