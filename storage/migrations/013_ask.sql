-- For activities that were registered before photos were asked for they are asked for, too. A question that falls into the
-- quiet hours is planned anew when it is due.

INSERT INTO reminder(activity, kind, due, state, reason, at)
  SELECT a.id, 'T+1h', CASE WHEN a.end_at > 0 THEN a.end_at ELSE a.start_at + 7200000000 END + 3600000000, 'pending', '', 0 FROM activity a
  WHERE a.state = 'open' AND a.start_at > CAST(strftime('%s', 'now') AS bigint) * 1000000 -- only: sqlite
  WHERE a.state = 'open' AND a.start_at > CAST(extract(epoch FROM now()) AS bigint) * 1000000 -- only: postgres
    AND NOT EXISTS (SELECT 1 FROM reminder r WHERE r.activity = a.id AND r.kind = 'T+1h' AND r.state = 'pending');
