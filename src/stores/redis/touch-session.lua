-- Notes that the session's cookie was used; never brings a session back.
-- KEYS: 1 the user's sessions
-- ARGV: 1 session id, 2 when in ms
-- Answers: touched | ended
--
if redis.call('HEXISTS', KEYS[1], 'seen ' .. ARGV[1]) == 0 then return 'ended' end
redis.call('HSET', KEYS[1], 'seen ' .. ARGV[1], ARGV[2])
return 'touched'
