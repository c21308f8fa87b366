-- Writes all fields of a record, in place of an earlier one, and sets how long Redis keeps it.
-- KEYS: 1 the record, a hash
-- ARGV: 1 ms to keep it, then field, value, field, value, ...
-- Answers: written
--
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 'written'
