-- The two containers of an entry about a relation, whose message begins as in
-- `1-3 2018FA-999999`: what is told of a container is found from either side.
CREATE INDEX subject_api_process_log_by_low ON subject_api_process_log
    (SUBSTR(message, 1, INSTR(message, '-') - 1))
    WHERE component IN ('EQ', 'SR');
CREATE INDEX subject_api_process_log_by_high ON subject_api_process_log
    (SUBSTR(message, INSTR(message, '-') + 1, INSTR(message, ' ') - INSTR(message, '-') - 1))
    WHERE component IN ('EQ', 'SR');
