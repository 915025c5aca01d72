SELECT s.subject_id::text AS id,
    a.birth_date::text AS "birthDate",
    extract(year FROM age((now() AT TIME ZONE 'Asia/Tokyo')::date, a.birth_date))::int::text AS age,
    a.sex,
    a.height_cm AS "heightCm",
    a.weight_kg AS "weightKg",
    c.login_id AS "loginId",
    c.email
FROM (SELECT subject_id FROM subject WHERE condition) s
LEFT JOIN subject_attribute a USING (subject_id)
LEFT JOIN subject_account c USING (subject_id)
ORDER BY s.subject_id
