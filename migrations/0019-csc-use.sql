-- SPDX-License-Identifier: EUPL-1.2

-- Answers of the CSC API that are asked for later (operationMode "A"): `hash` is the SHA-256 of the responseID.
CREATE TABLE csc_result(
  hash {bytes} PRIMARY KEY,
  portal {integer} NOT NULL REFERENCES portal(id),
  account {integer} REFERENCES account(id),
  answer {text} NOT NULL,
  ends {integer} NOT NULL
) {strict};
CREATE INDEX csc_result_ends ON csc_result(ends);
CREATE INDEX csc_result_portal ON csc_result(portal);

-- What a portal had authorised over the CSC API on `day` (days since 1970, UTC); portal.quota counts it.
CREATE TABLE portal_day(
  portal {integer} PRIMARY KEY REFERENCES portal(id),
  day {integer} NOT NULL,
  operations {integer} NOT NULL
) {strict};
