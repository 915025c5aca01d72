-- The page, the values and the JSON of the gateway's statement; no consent, no letters, no record.
SELECT concat('{"subjects":{"edges":[', string_agg(p.text, ','), ']}}')
FROM (
  SELECT concat('{"node":{"id":"', s.subject_id, '","measurements":[', m.text, ']}}') AS text
  FROM (SELECT subject_id FROM subject WHERE subject_id > $1 ORDER BY subject_id LIMIT 20) s
  CROSS JOIN LATERAL (
    SELECT string_agg(
      concat('{"takenAt":"', to_char(timezone('UTC', r.taken_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '","value":',
        r.value::text, ',"unit":', to_json(r.unit)::text, '}'), ',' ORDER BY r.taken_at, r.row_id DESC) AS text
    FROM (
      SELECT row_id, taken_at, value, unit FROM measurement
      WHERE subject_id = s.subject_id ORDER BY taken_at DESC, row_id LIMIT 50
    ) r
  ) m
  ORDER BY s.subject_id
) p
