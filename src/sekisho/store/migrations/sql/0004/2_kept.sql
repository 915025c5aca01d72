-- INVARIANT (one truth): whoever changes where people stand, or what they told, changes the copy in the same transaction.

-- Whoever writes here holds the people first: of two at once, the later one sees what the earlier one wrote.
CREATE FUNCTION hold_people(people uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM subject WHERE subject_id = ANY (people) ORDER BY subject_id FOR NO KEY UPDATE;
END
$$;

-- The rows of these people that are missing. What is over already is left out: a withdrawn acceptance is not looked at
-- again.
CREATE FUNCTION order_people(people uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hold_people(people);
    INSERT INTO subject_order
    SELECT s.subject_id, s.valid_from, s.valid_until, s.profile_id,
        CASE a.birth_precision
            WHEN 'DAY' THEN to_char(a.birth_date, 'YYYY-MM-DD')
            WHEN 'MONTH' THEN to_char(a.birth_date, 'YYYY-MM')
            WHEN 'YEAR' THEN to_char(a.birth_date, 'YYYY')
        END,
        extract(year FROM a.birth_date)::integer,
        CASE a.birth_precision
            WHEN 'YEAR' THEN (date_trunc('year', a.birth_date) + interval '1 year')::date - 1
            WHEN 'MONTH' THEN (date_trunc('month', a.birth_date) + interval '1 month')::date - 1
            ELSE a.birth_date
        END,
        a.birth_date_source, a.sex, a.sex_source, a.height_cm, a.height_source, a.weight_kg, a.weight_source
    FROM subject_state s LEFT JOIN subject_attribute a ON a.subject_id = s.subject_id
    WHERE s.subject_id = ANY (people) AND s.valid_until > statement_timestamp()
    ON CONFLICT (subject_id, valid_from) DO NOTHING;
END
$$;

CREATE FUNCTION order_those_who_came() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM order_people(ARRAY(SELECT DISTINCT subject_id FROM came WHERE valid_until > statement_timestamp()));
    RETURN NULL;
END
$$;

CREATE FUNCTION order_without_those_who_went() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hold_people(ARRAY(SELECT DISTINCT subject_id FROM went));
    DELETE FROM subject_order o USING went
        WHERE o.subject_id = went.subject_id AND o.valid_from = went.valid_from;
    RETURN NULL;
END
$$;

CREATE FUNCTION order_anew() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    people uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        people := ARRAY(SELECT DISTINCT subject_id FROM came);
    ELSIF TG_OP = 'DELETE' THEN
        people := ARRAY(SELECT DISTINCT subject_id FROM went);
    ELSE
        people := ARRAY(SELECT subject_id FROM came UNION SELECT subject_id FROM went);
    END IF;
    PERFORM hold_people(people);
    DELETE FROM subject_order WHERE subject_id = ANY (people);
    PERFORM order_people(people);
    RETURN NULL;
END
$$;

CREATE TRIGGER order_came AFTER INSERT ON subject_state REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION order_those_who_came();
CREATE TRIGGER order_changed AFTER UPDATE ON subject_state REFERENCING OLD TABLE AS went NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION order_anew();
CREATE TRIGGER order_went AFTER DELETE ON subject_state REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION order_without_those_who_went();
CREATE TRIGGER order_came AFTER INSERT ON subject_attribute REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION order_anew();
CREATE TRIGGER order_changed AFTER UPDATE ON subject_attribute REFERENCING OLD TABLE AS went NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION order_anew();
CREATE TRIGGER order_went AFTER DELETE ON subject_attribute REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION order_anew();

SELECT order_people(ARRAY(SELECT subject_id FROM subject));
