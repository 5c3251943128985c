-- SPDX-License-Identifier: EUPL-1.2

-- The complete list that a delta builds on.
ALTER TABLE crl ADD COLUMN base {integer};
