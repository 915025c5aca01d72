-- What is held once for each person is stored as it is: compressing it took a third of an insert for a hundred people.
-- Rows of up to half a page stay in one piece.
ALTER TABLE disclosure_log
    ALTER subjects SET STORAGE EXTERNAL,
    ALTER profiles SET STORAGE EXTERNAL,
    ALTER evidence SET STORAGE EXTERNAL,
    ALTER outcomes SET STORAGE EXTERNAL,
    ALTER row_counts SET STORAGE EXTERNAL,
    SET (toast_tuple_target = 4080);
