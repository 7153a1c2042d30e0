-- Which groups have been shown an activity so that people can sign up, and when last.

CREATE TABLE shown (
  activity bigint NOT NULL,
  account  text NOT NULL,
  chat     text NOT NULL,
  at       bigint NOT NULL,
  PRIMARY KEY (activity, account, chat)
)
WITHOUT ROWID -- only: sqlite
;
