-- The version with which an entry was put into the calendar after it had not been there: what tells its lives apart.

ALTER TABLE entry ADD COLUMN since bigint NOT NULL DEFAULT 0;
