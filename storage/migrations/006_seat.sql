-- Who holds what only one process of a cluster may have at a time (a platform's one connection), and until when.

CREATE TABLE seat (
  name  text PRIMARY KEY,
  owner text NOT NULL,
  until bigint NOT NULL
);
