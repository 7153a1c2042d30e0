-- What the calendars of accounts show of activities. The delivery under the entry's key holds the entry's id: as receipt when
-- it is sent, else as target.

-- version is the activity's that was put into the calendar last, shown whether it is to be there, until when it ends.
CREATE TABLE entry (
  activity bigint NOT NULL,
  account  text NOT NULL,
  version  bigint NOT NULL,
  shown    bigint NOT NULL,
  until    bigint NOT NULL,
  PRIMARY KEY (activity, account)
)
WITHOUT ROWID -- only: sqlite
;
CREATE INDEX entry_until ON entry(account, until);
