-- Whether the user has been heard in the one-to-one chat: 1 he has, 0 not known, negative: what was sent there was refused then
-- (the time, negative). A chat whose key is the user's own (WeCom) is on record when something came from it.

ALTER TABLE identity ADD COLUMN opening bigint NOT NULL DEFAULT 0;
UPDATE identity SET opening = 1 WHERE EXISTS (
  SELECT 1 FROM room r WHERE r.account = identity.account AND r.chat = identity.user_key AND r.direct = 1);
