/* SPDX-License-Identifier: EUPL-1.2
 *
 * What became of a mail or SMS that was handed to its server.
 */
#ifndef JOBS_DELIVERY_H
#define JOBS_DELIVERY_H

enum delivery {
    DELIVERY_SENT,
    DELIVERY_LATER,    /* this one was not taken now, or nobody knows */
    DELIVERY_REFUSED,  /* for good: the server said so of this recipient or message */
    DELIVERY_NO_SERVER /* none was asked: nothing is said about this one */
};

#endif
