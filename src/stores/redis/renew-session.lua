-- Stores a new authentication of a session (secret and times). Does nothing if the session has ended.
-- KEYS: 1 the user's sessions
-- ARGV: 1 session id, 2 login, 3 time in ms
-- Answers: renewed | ended
--
if redis.call('HEXISTS', KEYS[1], 'login ' .. ARGV[1]) == 0 then return 'ended' end
redis.call('HSET', KEYS[1], 'login ' .. ARGV[1], ARGV[2], 'seen ' .. ARGV[1], ARGV[3])
return 'renewed'
