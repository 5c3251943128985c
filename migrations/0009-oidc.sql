-- SPDX-License-Identifier: EUPL-1.2

-- Programs that have people sign in here (OpenID Connect). Redirects: one address a line. A client without a secret is
-- one that cannot keep it (RFC 6749 §2.1).
CREATE TABLE oidc_client(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  client_id {text} NOT NULL UNIQUE,
  name {text} NOT NULL,
  redirects {text} NOT NULL,
  logout_redirects {text} NOT NULL,
  secret_hash {bytes},
  roles {boolean} NOT NULL,
  enabled {boolean} NOT NULL,
  created {integer} NOT NULL
) {strict};
CREATE TABLE oidc_client_word(
  word {text} NOT NULL,
  id {integer} NOT NULL,
  PRIMARY KEY (word, id)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql

-- Authorization codes (RFC 6749 §4.1.2) by their SHA-256: each is used once; a second use takes back what the first one
-- gave. They stay as long as tokens made of them live.
CREATE TABLE oidc_code(
  hash {bytes} PRIMARY KEY,
  client {integer} NOT NULL REFERENCES oidc_client(id),
  account {integer} NOT NULL,
  session {integer} NOT NULL,
  redirect {text} NOT NULL,
  scope {text} NOT NULL,
  nonce {text} NOT NULL,
  challenge {text} NOT NULL,
  methods {integer} NOT NULL,
  signed_in {integer} NOT NULL,
  used {boolean} NOT NULL,
  ends {integer} NOT NULL
) {strict};
CREATE INDEX oidc_code_ends ON oidc_code(ends);

CREATE TABLE oidc_token(
  hash {bytes} PRIMARY KEY,
  code {bytes} NOT NULL,
  client {integer} NOT NULL,
  account {integer} NOT NULL,
  scope {text} NOT NULL,
  ends {integer} NOT NULL
) {strict};
CREATE INDEX oidc_token_code ON oidc_token(code);
CREATE INDEX oidc_token_ends ON oidc_token(ends);
