-- SPDX-License-Identifier: EUPL-1.2

-- Accounts: a person's own (entity NULL), or an entity's that the person holds. `state` is open, locked (by wrong
-- passwords) or closed; `password` is Argon2id in PHC text, empty when there is none. `factors` (enum sign_in_method)
-- are the second factors that it uses.
CREATE TABLE account(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  code {text} NOT NULL UNIQUE,
  person {integer} NOT NULL REFERENCES person(id),
  entity {integer} REFERENCES entity(id),
  level {integer} NOT NULL,
  state {text} NOT NULL,
  password {text} NOT NULL,
  must_change {boolean} NOT NULL,
  factors {integer} NOT NULL,
  language {text} NOT NULL,
  created {integer} NOT NULL,
  last_sign_in {integer},
  sign_in_before {integer} -- the one before: what its holder is shown
) {strict};
CREATE UNIQUE INDEX account_holder ON account(person, coalesce(entity, 0)) WHERE state <> 'closed';
CREATE INDEX account_created ON account(created, id);
CREATE INDEX account_state ON account(state, created, id);
CREATE INDEX account_level ON account(level, created, id);
CREATE TABLE account_word(
  word {text} NOT NULL,
  id {integer} NOT NULL,
  PRIMARY KEY (word, id)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql
CREATE INDEX account_word_id ON account_word(id, word);
-- The last number of codes with a prefix.
CREATE TABLE account_number(
  prefix {text} PRIMARY KEY,
  number {integer} NOT NULL
) {strict};

-- Wrong second factors in a row, how often that locked them, and until when they are locked.
CREATE TABLE account_factor(
  account {integer} PRIMARY KEY REFERENCES account(id),
  failures {integer} NOT NULL,
  locks {integer} NOT NULL,
  locked_until {integer} NOT NULL
) {strict};
-- TOTP: the sealed secret, the last step whose code was used, and whether a first right code has put it in force.
CREATE TABLE account_totp(
  account {integer} PRIMARY KEY REFERENCES account(id),
  secret {bytes} NOT NULL,
  step {integer} NOT NULL,
  active {boolean} NOT NULL
) {strict};
-- The code that was sent last, by SMS or mail: its hash (32 octets).
CREATE TABLE account_code(
  account {integer} PRIMARY KEY REFERENCES account(id),
  channel {integer} NOT NULL,
  hash {bytes} NOT NULL,
  sent {integer} NOT NULL,
  ends {integer} NOT NULL
) {strict};
CREATE TABLE passkey(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  account {integer} NOT NULL REFERENCES account(id),
  credential {bytes} NOT NULL UNIQUE,
  algorithm {integer} NOT NULL,
  public_key {bytes} NOT NULL,
  counter {integer} NOT NULL,
  name {text} NOT NULL,
  created {integer} NOT NULL,
  used {integer}
) {strict};
CREATE INDEX passkey_account ON passkey(account);

-- Sessions: `token` is the SHA-256 of the cookie's. `account` is who is signed in; `pending` who is signing in, until
-- `pending_ends`.
CREATE TABLE session(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  token {bytes} NOT NULL UNIQUE,
  account {integer} REFERENCES account(id),
  pending {integer} REFERENCES account(id),
  pending_ends {integer} NOT NULL,
  methods {integer} NOT NULL,
  wanted {integer} NOT NULL,
  created {integer} NOT NULL,
  seen {integer} NOT NULL,
  ends {integer} NOT NULL,
  secret {bytes} NOT NULL,
  notice {text} NOT NULL,
  client {text} NOT NULL,
  agent {text} NOT NULL
) {strict};
CREATE INDEX session_account ON session(account) WHERE account IS NOT NULL;
CREATE INDEX session_ends ON session(ends);

-- Links in mails, by the SHA-256 of their token: kind is first, recovery or unlock.
CREATE TABLE account_link(
  hash {bytes} PRIMARY KEY,
  account {integer} NOT NULL REFERENCES account(id),
  kind {text} NOT NULL,
  created {integer} NOT NULL,
  ends {integer} NOT NULL
) {strict};
CREATE INDEX account_link_account ON account_link(account);
CREATE INDEX account_link_ends ON account_link(ends);

-- What was given out to be signed (passkeys, certificates), by its SHA-256, for one session, once.
CREATE TABLE account_challenge(
  hash {bytes} PRIMARY KEY,
  session {integer} NOT NULL,
  kind {text} NOT NULL,
  ends {integer} NOT NULL
) {strict};
CREATE INDEX account_challenge_ends ON account_challenge(ends);

-- Tries to sign in, by the SHA-256 of what is counted: a name (whether or not there is such an account), a network.
-- Without a proof of work nobody tries again before `waits`.
CREATE TABLE sign_in_counter(
  hash {bytes} PRIMARY KEY,
  tries {integer} NOT NULL,
  waits {integer} NOT NULL,
  ends {integer} NOT NULL
) {strict};
CREATE INDEX sign_in_counter_ends ON sign_in_counter(ends);

-- Proofs of work that were used: SHA-256 of their challenge.
CREATE TABLE security_code(
  hash {bytes} PRIMARY KEY,
  ends {integer} NOT NULL
) {strict};
CREATE INDEX security_code_ends ON security_code(ends);

-- Keys of the installation, wrapped by the keeper.
CREATE TABLE installation_key(
  name {text} PRIMARY KEY,
  wrapped {bytes} NOT NULL
) {strict};
