// Every English sentence of the hosted pages. The keys are the type of all languages: texts.ko.ts must have the same.
export const en = {
  skip: 'Skip to content',
  switchLanguage: '한국어',
  footer: 'Sealed by Dojang',
  optional: 'optional',
  showPassword: 'Show',
  hidePassword: 'Hide',
  showPasswordLabel: 'Show the password',

  fields: {
    login: 'Email or username',
    email: 'Email',
    name: 'Name',
    username: 'Username',
    password: 'Password',
    currentPassword: 'Current password',
    newPassword: 'New password',
  },

  throttled: 'Too many attempts.',
  retryIn: (time: string) => `Please try again in ${time}.`,
  retryLater: 'Please try again in a little while.',
  unavailable: 'We can’t check that right now. Nothing is lost; please try again in a moment.',
  untrusted: 'That form didn’t come from this page, so it wasn’t sent on. Please try again here.',
  expired: 'This page has been open too long. Go back to the app and start again.',

  login: {
    title: 'Sign in',
    again: 'Confirm it’s you',
    againText: 'This step needs a fresh sign-in. Please enter your password again.',
    continueTo: 'to continue to',
    submit: 'Sign in',
    wrongCredentials: 'The email, username or password isn’t right.',
    noAccount: 'New here?',
    register: 'Create an account',
    or: 'or',
    with: (provider: string) => `Continue with ${provider}`,
  },

  register: {
    title: 'Create an account',
    submit: 'Create account',
    haveAccount: 'Already have an account?',
    login: 'Sign in',
    emailInvalid: 'Please enter a full email address, like name@example.com.',
    emailTaken: 'There is already an account with this email. Sign in instead, or use another one.',
    usernameInvalid:
      'Use 2 to 64 letters, digits, dots, hyphens or underscores, starting with a letter or digit.',
    usernameTaken: 'This username is already taken. Please choose another one.',
  },

  password: {
    hint: (length: number) => `At least ${length} characters. A few unrelated words make a good one.`,
    tooShort: (length: number) => `Please use at least ${length} characters.`,
    tooLong: 'This password is too long. Please choose a shorter one.',
    common: 'This password is on the lists that attackers try first. Please choose another one.',
    context:
      'Please choose a password that doesn’t contain your name, your email or the name of this service.',
    wrong: 'That isn’t your current password.',
  },

  consent: {
    title: (client: string) => `Allow ${client}?`,
    intro: (client: string) => `${client} would like to:`,
    scopes: {
      openid: 'Know that it’s you',
      profile: 'See your name and username',
      email: 'See your email address',
      offline_access: 'Keep this access while you’re away, until you withdraw it',
    },
    otherScope: 'Use the permission',
    sendsTo: 'Sends you to',
    lasts: 'Access lasts',
    upTo: (time: string) => `up to ${time}`,
    signedInAs: 'Signed in as',
    allow: 'Allow',
    deny: 'Don’t allow',
    withdraw: 'You can withdraw this at any time in your account.',
  },

  error: {
    reference: 'Reference',
    detail: 'For developers',
    kinds: {
      bad_request: {
        title: 'We couldn’t read this request',
        text: 'The app that sent you here made a mistake in its request. Nothing was changed.',
        next: 'Go back to the app and try again. If it keeps happening, tell the people who run it.',
      },
      unknown_client: {
        title: 'We don’t know this app',
        text: 'The app that sent you here isn’t registered with us, so we can’t sign you in to it.',
        next: 'Check that you opened the right address. If you did, tell the people who run the app.',
      },
      bad_redirect: {
        title: 'This return address isn’t registered',
        text: 'The app asked us to send you somewhere it never registered. To keep you safe, we didn’t.',
        next: 'Close this page, and open the app from an address you trust.',
      },
      expired: {
        title: 'This page has expired',
        text: 'Sign-in pages are good for a short time only, so that nobody else can finish what you began.',
        next: 'Go back to the app and start again.',
      },
      not_found: {
        title: 'There is nothing here',
        text: 'This address doesn’t lead to a page.',
        next: 'Check the address, or go back to where you came from.',
      },
      forbidden: {
        title: 'This isn’t allowed',
        text: 'The request came from another site, or isn’t open to your account. Nothing was changed.',
        next: 'Go back to the app and try again from there.',
      },
      unavailable: {
        title: 'Back in a moment',
        text: 'Something we depend on isn’t answering. You’re still signed in, and nothing is lost.',
        next: 'Wait a little, then reload this page.',
      },
      server_error: {
        title: 'Something went wrong on our side',
        text: 'It wasn’t you. The fault has been written down for the people who run this service.',
        next: 'Please try again. If it keeps happening, tell them the reference below.',
      },
      throttled: {
        title: 'A little too fast',
        text: 'There were too many attempts from here, so we’re taking a short break.',
        next: 'Please try again in a little while.',
      },
    },
  },

  logout: {
    title: 'Sign out?',
    text: 'You’ll be signed out here, and the apps you opened from here will have to ask for you again.',
    confirm: 'Sign out',
    doneTitle: 'You’re signed out',
    doneText: 'You can close this page.',
  },

  formPost: {
    title: 'Taking you back to the app',
    text: 'If nothing happens, press the button.',
    submit: 'Continue',
  },

  account: {
    title: 'Your account',
    signOut: 'Sign out',
    notices: {
      password_changed: 'Your password has been changed.',
      sessions_ended: 'Signed out, as you asked.',
      grant_withdrawn: 'The app no longer has access.',
    },
    sessions: 'Where you’re signed in',
    sessionsText: 'Something here you don’t recognise? Sign it out, then change your password.',
    unknownBrowser: 'Unknown browser',
    current: 'This browser',
    started: 'Signed in',
    lastSeen: 'Last used',
    apps: 'Apps',
    endSession: 'Sign out',
    endSessionLabel: (name: string) => `Sign out ${name}`,
    endOthers: 'Sign out everywhere else',
    grants: 'Connected apps',
    grantsText: 'Apps from others that you allowed to use your account.',
    noGrants: 'You haven’t connected any apps.',
    granted: 'Since',
    withdraw: 'Withdraw',
    withdrawLabel: (name: string) => `Withdraw the access of ${name}`,
    scopes: {
      openid: 'knows it’s you',
      profile: 'name and username',
      email: 'email address',
      offline_access: 'access while you’re away',
    },
    password: 'Change your password',
    endOthersToo: 'Also sign out everywhere else',
    changePassword: 'Change password',
    noPassword: 'You sign in without a password here.',
  },
}

export type Texts = typeof en
