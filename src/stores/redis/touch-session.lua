-- Stores the time when the session cookie was used. Does nothing if the session has ended.
-- KEYS: 1 the user's sessions
-- ARGV: 1 session id, 2 time in ms
-- Answers: touched | ended
--
if redis.call('HEXISTS', KEYS[1], 'seen ' .. ARGV[1]) == 0 then return 'ended' end
redis.call('HSET', KEYS[1], 'seen ' .. ARGV[1], ARGV[2])
return 'touched'
