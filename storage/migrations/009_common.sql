-- A key of the user that is the same on all accounts of his platform, as "platform/key"; '' where the platform told none.

ALTER TABLE identity ADD COLUMN common text NOT NULL DEFAULT '';
CREATE INDEX identity_common ON identity(common) WHERE common <> '';
