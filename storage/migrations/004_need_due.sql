-- Until when the assignee of a need is to answer, and why the enterprise sent it back last. reason is sealed.

ALTER TABLE need ADD COLUMN due bigint NOT NULL DEFAULT 0;
ALTER TABLE need ADD COLUMN reason bytea NOT NULL DEFAULT x''; -- only: sqlite
ALTER TABLE need ADD COLUMN reason bytea NOT NULL DEFAULT '';  -- only: postgres
