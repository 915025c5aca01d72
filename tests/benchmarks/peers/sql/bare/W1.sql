-- The page, the values and the JSON of the gateway's statement; no consent, no letters, no record.
SELECT concat('{"subjects":{"edges":[', string_agg(p.text, ','), ']}}')
FROM (
  SELECT concat('{"node":', concat('{"id":"', s.subject_id, '","attributes":{"birthDate":', coalesce('"' || a.birth_date::text || '"', 'null'),
  ',"age":', coalesce('"' || CASE WHEN a.birth_precision = 'DAY' THEN date_part('year', age(t.today, a.birth_date))::int::text END || '"', 'null'), ',"sex":', coalesce('"' || a.sex || '"', 'null'), ',"heightCm":', coalesce(a.height_cm::text, 'null'), ',"weightKg":', coalesce(a.weight_kg::text, 'null'),
  ',"born":', coalesce('"' || a.birth_date::text || '"', 'null'), ',"height":', coalesce(a.height_cm::text, 'null'), ',"weight":', coalesce(a.weight_kg::text, 'null'),
  '},"account":{"loginId":', coalesce(to_json(c.login_id)::text, 'null'), ',"email":', coalesce(to_json(c.email)::text, 'null'), ',"contact":', coalesce(to_json(c.email)::text, 'null'), '}}'), '}') AS text
  FROM (SELECT subject_id FROM subject WHERE subject_id > $1 ORDER BY subject_id LIMIT 100) s
  CROSS JOIN (SELECT timezone('Asia/Tokyo', statement_timestamp())::date AS today) t
LEFT JOIN subject_attribute a ON a.subject_id = s.subject_id
LEFT JOIN subject_account c ON c.subject_id = s.subject_id
  ORDER BY s.subject_id
) p
