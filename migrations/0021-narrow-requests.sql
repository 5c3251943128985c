-- SPDX-License-Identifier: EUPL-1.2

-- SHA-256 of the request that a certificate came of. Rows of issue_request lie in the order of what is random, and each new one
-- changes another page: with a few octets each there are fewer such pages. Its `request` is empty where it is this one.
ALTER TABLE certificate_der ADD COLUMN request {bytes};
