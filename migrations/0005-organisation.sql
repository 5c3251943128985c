-- SPDX-License-Identifier: EUPL-1.2

-- Entities, units, positions, people and appointments. `sort_name` is what lists are sorted by: small letters without
-- accents. `changes` is added to by whoever puts something below a row or checks what is below it, so that two who do so
-- at once come one after the other.
CREATE TABLE entity(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  name {text} NOT NULL,
  short_name {text} NOT NULL,
  sort_name {text} NOT NULL,
  country {text} NOT NULL,
  tax_number {text} NOT NULL,
  domains {text} NOT NULL,
  closed {boolean} NOT NULL DEFAULT false,
  changes {integer} NOT NULL DEFAULT 0,
  UNIQUE (country, tax_number)
) {strict};
CREATE INDEX entity_sort ON entity(sort_name, id);
CREATE TABLE entity_word(
  word {text} NOT NULL,
  id {integer} NOT NULL,
  PRIMARY KEY (word, id)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql
CREATE INDEX entity_word_id ON entity_word(id, word);

-- `path` has the numbers of all units from the top to this one: "/1/7/".
CREATE TABLE unit(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  entity {integer} NOT NULL REFERENCES entity(id),
  parent {integer} REFERENCES unit(id),
  code {text} NOT NULL,
  abbreviation {text} NOT NULL,
  name {text} NOT NULL,
  sort_name {text} NOT NULL,
  path {text} NOT NULL,
  closed {boolean} NOT NULL DEFAULT false,
  changes {integer} NOT NULL DEFAULT 0,
  UNIQUE (entity, code)
) {strict};
CREATE INDEX unit_path ON unit(path);
CREATE INDEX unit_parent ON unit(parent);
CREATE INDEX unit_sort ON unit(sort_name, id);
CREATE INDEX unit_code ON unit(code, id);
CREATE TABLE unit_word(
  word {text} NOT NULL,
  id {integer} NOT NULL,
  PRIMARY KEY (word, id)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql
CREATE INDEX unit_word_id ON unit_word(id, word);

-- `places` is how many people may hold it at a time. A unit has one open position that leads it.
CREATE TABLE position(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  unit {integer} NOT NULL REFERENCES unit(id),
  name {text} NOT NULL,
  sort_name {text} NOT NULL,
  head {boolean} NOT NULL,
  places {integer} NOT NULL,
  closed {boolean} NOT NULL DEFAULT false,
  changes {integer} NOT NULL DEFAULT 0
) {strict};
CREATE UNIQUE INDEX position_name ON position(unit, sort_name) WHERE NOT closed;
CREATE UNIQUE INDEX position_head ON position(unit) WHERE head AND NOT closed;
CREATE INDEX position_unit ON position(unit);
CREATE INDEX position_sort ON position(sort_name, id);
CREATE TABLE position_word(
  word {text} NOT NULL,
  id {integer} NOT NULL,
  PRIMARY KEY (word, id)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql
CREATE INDEX position_word_id ON position_word(id, word);

-- `entity` and `unit` are those of the last appointment, so that lists of people need not look for it: where somebody
-- works, or worked at last; a citizen has none.
CREATE TABLE person(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  country {text} NOT NULL,
  document {text} NOT NULL,
  number {text} NOT NULL,
  given_names {text} NOT NULL,
  surname {text} NOT NULL,
  second_surname {text} NOT NULL,
  sort_name {text} NOT NULL,
  mail {text} NOT NULL,
  mobile {text} NOT NULL,
  language {text} NOT NULL,
  closed {boolean} NOT NULL DEFAULT false,
  entity {integer} REFERENCES entity(id),
  unit {integer} REFERENCES unit(id),
  changes {integer} NOT NULL DEFAULT 0,
  UNIQUE (country, document, number)
) {strict};
CREATE INDEX person_sort ON person(sort_name, id);
CREATE INDEX person_number ON person(number, id);
CREATE INDEX person_mail ON person(mail) WHERE mail <> '';
CREATE INDEX person_unit ON person(unit, sort_name);
CREATE INDEX person_entity ON person(entity, sort_name, id);
CREATE TABLE person_word(
  word {text} NOT NULL,
  id {integer} NOT NULL,
  PRIMARY KEY (word, id)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql
CREATE INDEX person_word_id ON person_word(id, word);

-- From `starts` (its first instant) to `ends` (the first instant after; NULL: open). `entity` is the position's.
CREATE TABLE appointment(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  person {integer} NOT NULL REFERENCES person(id),
  position {integer} NOT NULL REFERENCES position(id),
  entity {integer} NOT NULL REFERENCES entity(id),
  acting {boolean} NOT NULL,
  starts {integer} NOT NULL,
  ends {integer},
  document {text} NOT NULL,
  CHECK (ends IS NULL OR ends > starts)
) {strict};
CREATE INDEX appointment_person ON appointment(person, starts);
CREATE INDEX appointment_position ON appointment(position, starts);
CREATE INDEX appointment_starts ON appointment(starts, id);
CREATE INDEX appointment_entity ON appointment(entity, starts, id);
CREATE TABLE appointment_word(
  word {text} NOT NULL,
  id {integer} NOT NULL,
  PRIMARY KEY (word, id)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql
CREATE INDEX appointment_word_id ON appointment_word(id, word);

CREATE TABLE institutional_mailbox(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  unit {integer} NOT NULL REFERENCES unit(id),
  level {text} NOT NULL,
  mail {text} NOT NULL UNIQUE,
  closed {boolean} NOT NULL DEFAULT false
) {strict};
CREATE INDEX institutional_mailbox_unit ON institutional_mailbox(unit);
CREATE TABLE institutional_mailbox_word(
  word {text} NOT NULL,
  id {integer} NOT NULL,
  PRIMARY KEY (word, id)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql
CREATE INDEX institutional_mailbox_word_id ON institutional_mailbox_word(id, word);

CREATE TABLE support_group(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  entity {integer} NOT NULL REFERENCES entity(id),
  name {text} NOT NULL,
  mail {text} NOT NULL,
  closed {boolean} NOT NULL DEFAULT false,
  UNIQUE (entity, name)
) {strict};
CREATE INDEX support_group_name ON support_group(name, id);
CREATE TABLE support_group_member(
  support_group {integer} NOT NULL REFERENCES support_group(id),
  person {integer} NOT NULL REFERENCES person(id),
  PRIMARY KEY (support_group, person)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql
CREATE INDEX support_group_member_person ON support_group_member(person);
CREATE TABLE support_group_word(
  word {text} NOT NULL,
  id {integer} NOT NULL,
  PRIMARY KEY (word, id)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql
CREATE INDEX support_group_word_id ON support_group_word(id, word);

-- Departures that were reported; `undecided` counts their proposals that nobody has decided yet.
CREATE TABLE departure(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  appointment {integer} NOT NULL REFERENCES appointment(id),
  person {integer} NOT NULL REFERENCES person(id),
  entity {integer} NOT NULL REFERENCES entity(id),
  unit {integer} NOT NULL REFERENCES unit(id),
  leaves {integer} NOT NULL,
  reason {text} NOT NULL,
  reported {integer} NOT NULL,
  reporter {text} NOT NULL,
  undecided {integer} NOT NULL
) {strict};
CREATE UNIQUE INDEX departure_open ON departure(appointment) WHERE undecided > 0;
CREATE INDEX departure_reported ON departure(reported, id);
CREATE INDEX departure_leaves ON departure(leaves, id);
CREATE TABLE departure_word(
  word {text} NOT NULL,
  id {integer} NOT NULL,
  PRIMARY KEY (word, id)
) STRICT, WITHOUT ROWID; -- sqlite
); -- postgresql
CREATE INDEX departure_word_id ON departure_word(id, word);
CREATE TABLE departure_proposal(
  id INTEGER PRIMARY KEY, -- sqlite
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgresql
  departure {integer} NOT NULL REFERENCES departure(id),
  kind {text} NOT NULL,
  target {integer} NOT NULL,
  name {text} NOT NULL,
  text {text} NOT NULL,
  state {text} NOT NULL,
  decided {integer},
  decider {text} NOT NULL,
  UNIQUE (departure, kind, target)
) {strict};
