// The script for every page with a password field: a button shows and hides the password.
import { clientScript } from './client-script.ts'

export const revealPasswordScript = clientScript(new URL('./reveal-password.client.js', import.meta.url))
