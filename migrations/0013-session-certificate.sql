-- SPDX-License-Identifier: EUPL-1.2

-- The certificate of the register by which a session was signed in: a certifying agent's desk is open as long as it is valid.
ALTER TABLE session ADD COLUMN certificate {integer};
