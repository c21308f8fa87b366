// Every English sentence of the mails. messages.ko.ts has the Korean ones.

/** The parts of one message, in the order in which the reader sees them. */
export interface Words {
  subject: string
  title: string
  lines: readonly string[]
  /** The text of the button, if the message has a link. */
  button?: string
  /** Small lines after the button. */
  notes: readonly string[]
}

const lifetime = (minutes: number): string =>
  `The link works once, for ${minutes} minutes after it was requested.`

const lookAtAccount = 'Open my account'

export const en = {
  linkBelow: 'If the button does not work, copy this address into your browser:',
  time: 'Time',
  device: 'Device',
  unknownDevice: 'Unknown',
  ip: 'IP address',
  newAddress: 'New address',
  footer: (name: string) => `${name} sent this email automatically. Replies to it are not read.`,

  confirmEmail: (name: string, minutes: number): Words => ({
    subject: `Confirm your email address for ${name}`,
    title: 'Confirm your address',
    lines: [
      `This address was entered for an account at ${name}.`,
      'If that was you, confirm that it is your address.',
    ],
    button: 'Confirm the address',
    notes: [lifetime(minutes), 'If that was not you, ignore this email. The address stays unconfirmed.'],
  }),
  resetPassword: (name: string, minutes: number): Words => ({
    subject: `Reset your password for ${name}`,
    title: 'Reset your password',
    lines: [
      `Someone asked for a new password for your account at ${name}.`,
      'If that was you, choose the new password now.',
    ],
    button: 'Choose a new password',
    notes: [
      lifetime(minutes),
      'Do not give the link to anyone. If you did not ask for it, ignore this email: your password stays the same.',
    ],
  }),
  confirmNewEmail: (name: string, minutes: number): Words => ({
    subject: `Confirm your new email address for ${name}`,
    title: 'Confirm your new address',
    lines: [
      `An account at ${name} should use this address from now on.`,
      'If that was you, confirm the change. Until then the account keeps its old address.',
    ],
    button: 'Use this address',
    notes: [lifetime(minutes), 'If that was not you, ignore this email. Nothing changes.'],
  }),
  passwordChanged: (name: string): Words => ({
    subject: `Your password at ${name} was changed`,
    title: 'Your password was changed',
    lines: [`The password of your account at ${name} was changed. If that was you, there is nothing to do.`],
    button: lookAtAccount,
    notes: [
      'If that was not you, set a new password at once: choose “Forgot your password?” on the sign-in page.',
    ],
  }),
  providerLinked: (name: string, provider: string): Words => ({
    subject: `${provider} was linked to your account at ${name}`,
    title: `${provider} was linked`,
    lines: [
      `You can now sign in to ${name} with ${provider}. If you linked it yourself, there is nothing to do.`,
    ],
    button: lookAtAccount,
    notes: [`If that was not you, unlink ${provider} on the account page and change your password.`],
  }),
  providerUnlinked: (name: string, provider: string): Words => ({
    subject: `${provider} was unlinked from your account at ${name}`,
    title: `${provider} was unlinked`,
    lines: [
      `You can no longer sign in to ${name} with ${provider}. If you unlinked it yourself, there is nothing to do.`,
    ],
    button: lookAtAccount,
    notes: ['If that was not you, check the login methods of your account and change your password.'],
  }),
  emailChanged: (name: string): Words => ({
    subject: `Your email address at ${name} was changed`,
    title: 'Your address was changed',
    lines: [
      `Your account at ${name} has a new email address. Emails about it no longer come to this address.`,
      'If that was you, there is nothing to do.',
    ],
    notes: [`If that was not you, tell the people who run ${name} at once.`],
  }),
  newDevice: (name: string): Words => ({
    subject: `New sign-in to your account at ${name}`,
    title: 'New sign-in to your account',
    lines: [
      `Someone signed in to your account at ${name} from a device that was not used before.`,
      'If that was you, there is nothing to do.',
    ],
    button: lookAtAccount,
    notes: ['If that was not you, sign that device out on the account page and change your password.'],
  }),
  accountDeleted: (name: string): Words => ({
    subject: `Your account at ${name} was deleted`,
    title: 'Your account was deleted',
    lines: [
      `Your account at ${name} was deleted with its personal data, and you were signed out everywhere.`,
    ],
    notes: [`If that was not you, tell the people who run ${name} at once.`],
  }),
  alreadyRegistered: (name: string): Words => ({
    subject: `You already have an account at ${name}`,
    title: 'You already have an account',
    lines: [
      `Someone tried to register at ${name} with this address. No new account was created, because the address already has one.`,
      'If that was you, sign in to your account. On the sign-in page you can also set a new password.',
    ],
    button: 'Sign in',
    notes: ['If that was not you, ignore this email. Your account did not change.'],
  }),
  test: (name: string): Words => ({
    subject: `Test email from ${name}`,
    title: 'The email arrived',
    lines: [`An administrator of ${name} sent this email to test the mail server. It works.`],
    notes: [],
  }),
}

export type Messages = typeof en
