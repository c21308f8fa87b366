/** What the person at the terminal did or must do, in a sentence; ends the command with exit code 1. */
export class CliError extends Error {}
