-- SPDX-License-Identifier: EUPL-1.2

-- Assertions by which portals proved who they are, by SHA-256 of client and "jti": each is good once.
CREATE TABLE portal_assertion(
  hash {bytes} PRIMARY KEY,
  ends {integer} NOT NULL
) {strict};
CREATE INDEX portal_assertion_ends ON portal_assertion(ends);
CREATE INDEX portal_certificate ON portal(certificate_hash) WHERE certificate_hash <> '';

-- Requests of portals for an authorization (CSC API), by the SHA-256 of what their request_uri ends with. `account`: who
-- took it, NULL: nobody yet. `chosen` and `operation` are of what was begun last with the personal keeper. When a code is
-- given, the row goes: that happens once. Numbers never come again, as rows go while others hold on to theirs.
CREATE TABLE csc_request(
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  hash {bytes} NOT NULL UNIQUE,
  portal {integer} NOT NULL REFERENCES portal(id),
  version {integer} NOT NULL,
  credential_scope {boolean} NOT NULL,
  redirect {text} NOT NULL,
  state {text} NOT NULL,
  challenge {text} NOT NULL,
  credential {text} NOT NULL,
  description {text} NOT NULL,
  language {text} NOT NULL,
  statement {text} NOT NULL,
  details {text} NOT NULL,
  digest {integer} NOT NULL,
  documents {boolean} NOT NULL,
  account {integer},
  chosen {text} NOT NULL,
  operation {bytes} NOT NULL,
  ends {integer} NOT NULL
) {strict};
CREATE INDEX csc_request_ends ON csc_request(ends);
CREATE TABLE csc_request_hash(
  request {integer} NOT NULL,
  place {integer} NOT NULL,
  hash {bytes} NOT NULL,
  label {text} NOT NULL,
  PRIMARY KEY (request, place)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql

-- Codes of the authorization endpoint by their SHA-256: each is used once; a second use takes back what the first one
-- gave, and so they stay for as long as that. `sealed` is what authorises signatures (the keeper's SAD), encrypted under
-- a key that only the code gives, and gone once it was used; `sad_ends`: until when it does. Numbers never
-- come again: tokens are of a family by them.
CREATE TABLE csc_code(
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  hash {bytes} NOT NULL UNIQUE,
  portal {integer} NOT NULL REFERENCES portal(id),
  account {integer} NOT NULL,
  person {integer} NOT NULL,
  holder {text} NOT NULL,
  version {integer} NOT NULL,
  credential_scope {boolean} NOT NULL,
  redirect {text} NOT NULL,
  challenge {text} NOT NULL,
  credential {text} NOT NULL,
  details {text} NOT NULL,
  digest {integer} NOT NULL,
  documents {boolean} NOT NULL,
  count {integer} NOT NULL,
  sealed {bytes} NOT NULL,
  sad_ends {integer} NOT NULL,
  used {boolean} NOT NULL,
  ends {integer} NOT NULL
) {strict};
CREATE INDEX csc_code_account ON csc_code(account, portal);
CREATE INDEX csc_code_ends ON csc_code(ends);

-- Tokens by their SHA-256. `kind` as enum csc_token_kind. `family` is the code's number from which it came, with all that
-- was renewed since; NULL: it came of no code. `account`, `person` NULL: the portal itself. `used`: a refresh token that
-- was exchanged for another one; whoever shows it again ends its family.
CREATE TABLE csc_token(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  hash {bytes} NOT NULL UNIQUE,
  kind {integer} NOT NULL,
  family {integer},
  portal {integer} NOT NULL REFERENCES portal(id),
  version {integer} NOT NULL,
  account {integer},
  person {integer},
  holder {text} NOT NULL,
  credential {text} NOT NULL,
  details {text} NOT NULL,
  digest {integer} NOT NULL,
  documents {boolean} NOT NULL,
  count {integer} NOT NULL,
  sealed {bytes} NOT NULL,
  used {boolean} NOT NULL,
  created {integer} NOT NULL,
  ends {integer} NOT NULL
) {strict};
CREATE INDEX csc_token_family ON csc_token(family) WHERE family IS NOT NULL;
CREATE INDEX csc_token_account ON csc_token(account, portal) WHERE account IS NOT NULL;
CREATE INDEX csc_token_ends ON csc_token(ends);
