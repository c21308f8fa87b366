export { logOut as POST } from '@/server/log-out'
