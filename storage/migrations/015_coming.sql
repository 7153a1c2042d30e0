-- What is coming is listed by consortium.

DROP INDEX activity_open;
CREATE INDEX activity_open ON activity(consortium, start_at) WHERE state = 'open';
