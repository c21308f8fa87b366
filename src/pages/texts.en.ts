// Every English sentence of the hosted pages. texts.ko.ts must have the same keys.
export const en = {
  skip: 'Skip to content',
  switchLanguage: '한국어',
  footer: 'Sealed by Dojang',
  optional: 'optional',
  showPassword: 'Show',
  hidePassword: 'Hide',
  showPasswordLabel: 'Show the password',

  providerNames: { kakao: 'Kakao', google: 'Google', naver: 'Naver' },

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

  docs: {
    title: 'Every route',
    text: 'Every request that this issuer answers, and the status codes it answers with. For programs:',
  },

  login: {
    title: 'Sign in',
    again: 'Confirm it’s you',
    againText: 'This step needs a fresh sign-in. Please enter your password again.',
    continueTo: 'to continue to',
    submit: 'Sign in',
    empty: 'Please enter your email or username, and your password.',
    wrongCredentials: 'The email, username or password isn’t right.',
    noAccount: 'New here?',
    register: 'Create an account',
    or: 'or',
    with: (provider: string) => `Continue with ${provider}`,
  },

  provider: {
    names: { kakao: 'Kakao', google: 'Google', naver: 'NAVER' },
    buttons: { kakao: 'Login with Kakao', google: 'Sign in with Google', naver: 'Log in with NAVER' },
    unnamed: 'the other service',
    problems: {
      provider_cancelled: (name: string) =>
        `You cancelled at ${name}, so nothing was changed. Try again, or sign in another way.`,
      provider_expired: (_name: string) =>
        'This sign-in took too long, was used before, or began in another browser. Please start again here.',
      provider_failed: (name: string) =>
        `We couldn’t confirm what ${name} sent us, so you weren’t signed in. Try again, or sign in another way.`,
      provider_unavailable: (name: string) =>
        `${name} isn’t answering right now. Try again in a little while, or sign in another way.`,
      account_disabled: (_name: string) =>
        'This account can’t be used at the moment. Please ask the people who run this service.',
      registration_closed: (name: string) =>
        `No account here belongs to this ${name} account, and new ones are made by an administrator. If you have an account, sign in to it and connect ${name} there.`,
      registration_throttled: (_name: string) =>
        'Many accounts were made from your network, so we’re taking a short break. Please try again in a little while.',
      identity_taken: (name: string) =>
        `This ${name} account is already connected to another account. Sign in to that one and disconnect it there first.`,
      reauthenticate: (_name: string) =>
        'Before you change how you sign in, please confirm once more that it’s you. Then carry on in your account.',
    },
  },

  link: {
    title: 'This email already has an account',
    text: (name: string) =>
      `${name} gave us this address, and an account here already uses it. Sign in to that account once, and ${name} will be connected to it.`,
    submit: (name: string) => `Sign in and connect ${name}`,
    or: 'or sign in another way that you already use',
    takeOverTitle: 'You don’t know that account?',
    takeOverText:
      'You’ve shown that the address is yours, so you can take the account over. Its password, other ways to sign in, name and connected apps are removed, and it is signed out everywhere.',
    takeOver: 'It’s my address, take it over',
    apartTitle: 'Not your account?',
    apartText: 'You can start a new account, without this email address.',
    apart: 'Start a new account',
    problems: {
      wrong_password: 'That password isn’t right.',
      other_account: 'The account you just signed in to doesn’t use this address. Please try another way.',
      not_yours_to_take_over:
        'This account can’t be taken over. Use its password, or another way to sign in.',
    },
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
    nameInvalid: 'Please use a name of at most 100 characters, on one line.',
    usernameTaken: 'This username is already taken. Please choose another one.',
  },

  password: {
    hint: (length: number) => `At least ${length} characters. A few unrelated words make a good one.`,
    tooShort: (length: number) => `Please use at least ${length} characters.`,
    tooLong: 'This password is too long. Please choose a shorter one.',
    common: 'This password is among those that attackers try first. Please choose another one.',
    context:
      'Please choose a password that doesn’t contain your name, your email or the name of this service.',
    leaked: 'This password has appeared in a data leak. Please choose another one.',
    wrong: 'That isn’t your current password.',
  },

  strength: {
    missing: (count: number) =>
      count === 1 ? '1 more character needed.' : `${count} more characters needed.`,
    /** From the weakest to the strongest. */
    levels: {
      0: 'Very weak.',
      1: 'Weak.',
      2: 'Could be stronger.',
      3: 'Looks strong.',
      4: 'Looks very strong.',
    },
    /** Why a password is weak (passwords/estimate.js). */
    reasons: {
      keyboard: 'Keys that are side by side are easy to guess.',
      repeat: 'Repeating a letter or a word doesn’t make it stronger.',
      sequence: 'Sequences like abc or 1234 are easy to guess.',
      date: 'Years and dates are easy to guess.',
      common: 'It contains a word or password that many people use.',
      names: 'It contains your name, your email or the name of this service.',
      short: 'Add another unrelated word.',
    },
    sent: (sentence: string) => `The password you sent: ${sentence}`,
  },

  consent: {
    title: (client: string) => `Allow ${client}?`,
    intro: (client: string) => `${client} would like to:`,
    scopes: {
      openid: 'Know that it’s you',
      profile: 'See your profile, such as your name and username',
      email: 'See your email address',
      address: 'See your postal address',
      phone: 'See your phone number',
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

  continueTo: {
    title: (client: string) => `Continue to ${client}?`,
    intro: (client: string) =>
      `An app on this device wants to sign you in to ${client}. Continue only if you have just opened it.`,
    submit: 'Continue',
    stop: 'Don’t continue',
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
      linked: 'Connected. You can sign in with it from now on.',
      unlinked: 'Disconnected. It no longer signs you in.',
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
    loginMethods: 'Ways to sign in',
    loginMethodsText: 'Accounts elsewhere that sign you in here.',
    link: (name: string) => `Connect ${name}`,
    unlink: 'Disconnect',
    unlinkLabel: (name: string) => `Disconnect ${name}`,
    lastLoginMethod: 'This is your only way to sign in. Connect another one before you remove it.',
    grants: 'Connected apps',
    grantsText: 'Apps from others that you allowed to use your account.',
    noGrants: 'You haven’t connected any apps.',
    granted: 'Since',
    withdraw: 'Withdraw',
    withdrawLabel: (name: string) => `Withdraw the access of ${name}`,
    scopes: {
      openid: 'who you are',
      profile: 'profile, such as name and username',
      email: 'email address',
      address: 'postal address',
      phone: 'phone number',
      offline_access: 'access while you’re away',
    },
    password: 'Change your password',
    endOthersToo: 'Also sign out everywhere else',
    changePassword: 'Change password',
    noPassword: 'You sign in without a password here.',
    delete: 'Delete your account',
  },

  deleteAccount: {
    title: 'Delete your account?',
    text: 'Your details, your ways to sign in and your connected apps are deleted, and you are signed out everywhere. This can’t be undone.',
    apps: 'Apps may keep what they have stored about you themselves. Ask them to delete it too.',
    providers: (names: string) => `The connection to ${names} is ended there as well.`,
    again:
      'First confirm that it’s you. You’ll come back to your account, where you can choose to delete it.',
    confirmIdentity: 'Confirm it’s you',
    sure: 'I understand that this can’t be undone',
    sureMissing: 'Please tick the box if you are sure.',
    submit: 'Delete my account',
    keep: 'Keep my account',
    doneTitle: 'Your account is deleted',
    doneText: 'You’re signed out everywhere. You can close this page.',
  },

  playground: {
    title: 'Playground',
    headline: 'Sign in, and watch the token get its seal',
    lede: 'This page is an ordinary public client of the issuer behind it. It runs the code flow with PKCE in your browser and shows everything that goes over the wire.',
    issuer: 'Issuer',
    client: 'Client',
    noscriptTitle: 'This page needs JavaScript',
    noscript:
      'The browser has to make its own keys and check signatures here, so nothing works without JavaScript. The sign-in pages do work without it, and you can try the rest from a terminal.',
    terminal: 'From a terminal, with the user that was printed when the issuer started:',
    done: 'done',
    signIn: {
      title: 'Sign in',
      text: 'The browser makes a secret, sends only its SHA-256 with you to the sign-in page, and shows the secret itself when it trades the code for tokens. A stolen code is worth nothing.',
      verifier: 'Stays here',
      challenge: 'Goes along',
      button: 'Sign in and get tokens',
    },
    token: {
      title: 'Check the seal',
      text: 'This is the check that any of your services makes on its own: fetch the public keys once, then trust the signature and not the caller.',
      access: 'Access token',
      id: 'ID token',
      which: 'Which token to show',
      certified: 'Signed with a key that this issuer publishes',
      raw: 'The token as it travels',
      header: 'header',
      payload: 'claims',
      signature: 'signature',
      left: 'Time left',
      tamper: 'Change one letter',
      restore: 'Put it back',
    },
    userinfo: {
      title: 'Call an API with it',
      text: 'Send the access token to /userinfo. It answers only while the token is alive: after the family is ended below, the same token is refused here.',
      button: 'Call /userinfo',
    },
    refresh: {
      title: 'Refresh, then replay',
      text: 'Each refresh token works once and hands over to its successor. Replay one at once and you get the same successor: two tabs or a lost answer sign nobody out. Replay it later and it counts as stolen, and the whole family ends.',
      button: 'Refresh',
      chain: 'Refresh tokens of this sign-in',
    },
    keys: {
      title: 'Rotate the signing key',
      text: 'Leave this page open and run the command. A new key appears here, the next refresh is sealed with it, and tokens sealed with the old one still verify. Outside a demo a new key waits a day before it signs, so that every service has seen it.',
      copy: 'Copy',
      copied: 'Copied',
      list: 'Published keys',
    },
    signOut: {
      title: 'Sign out',
      text: 'Revokes the refresh token, then ends the session at the issuer. Nothing is kept in this tab.',
      button: 'Sign out',
    },
    wire: {
      title: 'On the wire',
      text: 'Each request this page made, newest first. Passwords never pass through here.',
      empty: 'Nothing yet.',
      clear: 'Clear',
    },
    claims: {
      iss: 'issued by',
      sub: 'about',
      aud: 'meant for',
      exp: 'expires',
      iat: 'issued',
      auth_time: 'signed in',
      jti: 'token number',
      sid: 'refresh family',
      client_id: 'requested by',
      scope: 'allowed to',
      scopes: 'allowed to, as a list',
      roles: 'roles',
      amr: 'authenticated with',
      nonce: 'request check value',
      onboarded: 'onboarded',
      email: 'email',
      email_verified: 'email verified',
      name: 'name',
      preferred_username: 'username',
      at_hash: 'bound to access token',
      azp: 'requested by',
      updated_at: 'profile changed',
    },
    live: {
      notSecure: 'Browsers allow cryptography only on https or localhost. Open this page at {issuer}.',
      elsewhere:
        'The issuer calls itself {issuer}, so sign-in would return there. Open the page at that address.',
      open: 'Open {issuer}',
      offline: 'No answer',
      navigates: 'browser goes there',
      returned: 'browser came back',
      badState: 'The answer didn’t match this tab’s request (state or issuer), so it was thrown away.',
      refused: 'The issuer answered with an error: {error}.',
      exchangeFailed: 'The code could not be traded for tokens. Please start again.',
      badNonce: 'The ID token was made for another request, so the tokens were thrown away.',
      signedInAs: 'Signed in as {name}.',
      signedOut: 'Signed out. The session and the tokens are gone.',
      checking: 'Checking…',
      valid: 'Key {kid} made this signature.',
      invalid: 'The signature doesn’t match. Not one letter may change.',
      unknownKey: 'No published key has this kid, so the token can’t be trusted.',
      expired: 'expired',
      alive: 'Answered 200: the token is alive.',
      dead: 'Answered {status}: the token isn’t accepted any more.',
      refreshed: 'R{from} was traded for R{to}, with a fresh access token.',
      kept: 'A fresh access token; the refresh token stays the same.',
      same: 'The same successor again: R{to}. Inside the grace this is a race, not a theft.',
      reused: 'R{from} had been used. The whole family has ended, and its access tokens with it.',
      ended: 'Refused: this family has ended. Sign in again to start a new one.',
      trouble: 'The issuer answered {status}. No token was used up; try again.',
      current: 'current',
      used: 'used',
      over: 'ended',
      replay: 'Replay',
      replayLabel: 'Replay R{n}',
      inGrace: 'a race for {seconds} s more',
      asTheft: 'counts as theft',
      signs: 'sealed your token',
      fresh: 'new',
      gone: 'gone',
      polled: 'Checked {count}×, unchanged since {time}',
      again: 'Sign in again',
    },
  },
}

export type Texts = typeof en
