-- What is coming is listed by consortium; needs are added where those received before stand. On SQLite every index ends with the id anyway.

DROP INDEX activity_open;
CREATE INDEX activity_open ON activity(consortium, start_at) WHERE state = 'open';
DROP INDEX need_reporter;
CREATE INDEX need_reporter ON need(reporter, (state IN ('reported', 'assigned', 'answered')), id) WHERE state <> 'withdrawn';
DROP INDEX need_received;
CREATE INDEX need_received ON need(received, consortium);
DROP INDEX delivery_open; -- only: sqlite
CREATE INDEX delivery_open ON delivery(lane, urgency) WHERE state IN ('new', 'sending'); -- only: sqlite
