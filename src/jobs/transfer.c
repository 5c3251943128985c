/* SPDX-License-Identifier: EUPL-1.2 */
#include "jobs/transfer.h"

bool transfer_set_up(CURL *curl, const struct transfer *transfer)
{
    return curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, transfer->look) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer->context) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->problem) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, transfer->connect_seconds) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT, transfer->seconds) == CURLE_OK;
}
