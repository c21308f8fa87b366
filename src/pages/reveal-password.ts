// The script that shows and hides a password field, for every page that has one.
import { clientScript } from './client-script.ts'

export const revealPasswordScript = clientScript(new URL('./reveal-password.client.js', import.meta.url))
