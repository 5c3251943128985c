/* SPDX-License-Identifier: EUPL-1.2
 *
 * OCSP answers without nonce that were signed before, and those that are being signed: one for each certID, octet by
 * octet, since that is what an answer repeats. Bounded in octets; what was not asked for since the hand of the clock
 * came by goes first. Safe between threads.
 *
 * An answer has two moments (struct ocsp_window): from the first one on it is renewed ahead, when somebody asked for
 * it; after the second it is not handed out any more. Both come well before its nextUpdate, so that the max-age that is
 * prepared in it never promises more than is true.
 *
 * Whoever finds nothing begins a flight: he has it signed and lands it. Those who come meanwhile wait for the same
 * signature. ocsp_memory_drop() forgets a certificate's answers, and sends flights on without the memory: those who
 * wait get what was true when they asked, nobody else joins, and nothing is kept.
 */
#ifndef API_STATUS_OCSP_MEMORY_H
#define API_STATUS_OCSP_MEMORY_H

#include "http/response.h"

struct ocsp_memory;
struct ocsp_flight;

enum { OCSP_MEMORY_OVERHEAD = 1152 /* octets that a prepared answer takes beside its body */ };

/** Somebody who waits for a flight. Lives where he likes until it lands. */
struct ocsp_waiter {
    struct ocsp_waiter *next;
    struct http_later *later;
    rfd_time since;
};
struct ocsp_window {
    rfd_time renew_from, use_until;
};

/** At most `octets` of answers. */
rfd_status ocsp_memory_new(uint64_t octets, struct ocsp_memory **out, struct rfd_error *error) RFD_MUST_CHECK;
/** No flight may be on its way. Safe on NULL. */
void ocsp_memory_free(struct ocsp_memory *m);

/** The answer for a certID, held, or NULL. `serial` is the end of `id`. */
struct http_prepared *ocsp_memory_find(struct ocsp_memory *m, slice id, slice serial, rfd_time now);

enum ocsp_joined {
    OCSP_JOINED_ANSWER, /* *answer, held: it came meanwhile */
    OCSP_JOINED_FLIGHT, /* waits for another's flight */
    OCSP_JOINED_BEGUN   /* *flight is to be landed; `waiter` is in it. NULL: there is no memory */
};
/** For whoever found nothing. */
enum ocsp_joined ocsp_memory_join(struct ocsp_memory *m, slice id, slice serial, rfd_time now,
                                  struct ocsp_waiter *waiter, struct http_prepared **answer,
                                  struct ocsp_flight **flight);
/** Ends a flight and returns those who wait. `answer` (of `size` octets) is kept unless it is NULL or the certificate
 * was dropped meanwhile. */
struct ocsp_waiter *ocsp_memory_land(struct ocsp_memory *m, struct ocsp_flight *flight, struct http_prepared *answer,
                                     size_t size, const struct ocsp_window *window);
/** The certID that a flight is for, and its serial number; until it lands. */
slice ocsp_flight_id(const struct ocsp_flight *flight);
slice ocsp_flight_serial(const struct ocsp_flight *flight);

/** Forgets what it has of certificates with this serial number. */
void ocsp_memory_drop(struct ocsp_memory *m, slice serial);
/** Looks at the next `look` answers in turn and begins flights, at most `most`, for those that are near their end and
 * were asked for. Returns how many. Forgets those that have ended. One thread. */
size_t ocsp_memory_renew(struct ocsp_memory *m, rfd_time now, size_t look, struct ocsp_flight **flights, size_t most);
/** Octets taken, and answers kept. */
uint64_t ocsp_memory_size(struct ocsp_memory *m, uint64_t *answers);

#endif
