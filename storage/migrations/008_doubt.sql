-- How many earlier attempts may have arrived although the delivery was sent again, on a platform that does not deduplicate.

ALTER TABLE delivery ADD COLUMN doubt bigint NOT NULL DEFAULT 0;
CREATE INDEX delivery_doubt ON delivery(id) WHERE doubt > 0;
