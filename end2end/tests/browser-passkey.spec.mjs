// Passkeys with a real browser and Chromium's own virtual device: made, used to sign in and to
// confirm, removed; what goes wrong is said where the form is.
import { expect, test } from '@playwright/test'
import { Authenticator } from '../lib/authenticator.mjs'
import { account, Panel } from '../lib/panel.mjs'
import { Pages } from '../lib/pages.mjs'
import { Session } from '../lib/session.mjs'
import { watchConsole } from '../lib/watch.mjs'

let panel
let origin
test.beforeAll(async () => {
  panel = await Panel.start({ host: 'sim', pool: '10.87.0.0/16', more: { http: 'public_origin = "http://localhost:PORT"' } })
  origin = `http://localhost:${panel.port}`
  await new Session(panel).setUp(panel.setupLink)
})
test.afterAll(() => panel?.remove())

const internal = {
  protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
  isUserVerified: true, automaticPresenceSimulation: true,
}

/** A device in the page's browser, as its owner handles it. */
async function device(page, options = {}) {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { ...internal, ...options } })
  const send = (verb, more) => cdp.send(`WebAuthn.${verb}`, { authenticatorId, ...more })
  return {
    knows: (isUserVerified) => send('setUserVerified', { isUserVerified }),
    credentials: async () => (await send('getCredentials')).credentials,
    forget: () => send('clearCredentials'),
    replace: async (credential) => {
      await send('clearCredentials')
      await send('addCredential', { credential })
    },
    gone: () => send('removeVirtualAuthenticator'),
  }
}

async function add(page, name) {
  await page.goto(`${origin}/account/passkeys`)
  await page.getByLabel('Name of the passkey').fill(name)
  await page.getByRole('button', { name: 'Add a passkey' }).click()
}

const alert = (page) => page.locator('form[data-passkey] > .alert')

test('a passkey is made, signs in, confirms, and is removed', async ({ browser }) => {
  const context = await browser.newContext()
  const page = await context.newPage()
  const troubles = watchConsole(page)
  const person = new Pages(page, { ...panel, origin })
  await person.signIn()
  await expect(person.heading('Clusters')).toBeVisible()
  const phone = await device(page)
  await add(page, 'Phone')
  await expect(page.getByText('The passkey is yours.')).toBeVisible()
  await expect(page.getByRole('row', { name: /Phone/ })).toContainText('never')
  const [kept] = await phone.credentials()
  expect(kept).toMatchObject({ isResidentCredential: true, rpId: 'localhost', userName: account.name })

  // The same device makes no second one, and says so in place.
  await add(page, 'Phone again')
  await expect(alert(page)).toHaveText('This device has a passkey for your account already.')
  await expect(page.getByLabel('Name of the passkey')).toHaveValue('Phone again')
  expect(new URL(page.url()).pathname).toBe('/account/passkeys')

  // By the keyboard alone, from the sign-in to where one wanted to be.
  await person.signOut()
  await page.goto(`${origin}/account/passkeys`)
  await expect(person.heading('Sign in')).toBeVisible()
  await page.getByRole('button', { name: 'Sign in with a passkey' }).focus()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(`${origin}/account/passkeys`)
  await expect(page.getByRole('row', { name: /Phone/ })).not.toContainText('never')

  // Asked for a proof, as ten minutes later.
  await page.goto(`${origin}/confirm?next=/account/tokens`)
  await page.getByRole('button', { name: 'Confirm with a passkey' }).click()
  await expect(page).toHaveURL(`${origin}/account/tokens`)

  await page.goto(`${origin}/account/passkeys`)
  await page.getByRole('button', { name: 'Remove Phone' }).click()
  await expect(page.getByText('The passkey is removed.')).toBeVisible()
  await expect(page.getByText('None yet.')).toBeVisible()
  // The form is still alive after the page was drawn anew in place.
  await phone.forget()
  await page.getByLabel('Name of the passkey').fill('Phone')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await expect(page.getByText('The passkey is yours.')).toBeVisible()
  expect(troubles.take()).toEqual([])
  await context.close()
})

test('what goes wrong is said where the form is', async ({ browser }) => {
  const context = await browser.newContext()
  const page = await context.newPage()
  const troubles = watchConsole(page)
  const person = new Pages(page, { ...panel, origin })
  await person.signIn()
  await expect(person.heading('Clusters')).toBeVisible()
  const key = await device(page)
  await add(page, 'Key')
  await expect(page.getByText('The passkey is yours.')).toBeVisible()
  const [kept] = await key.credentials()
  await person.signOut()
  const signIn = page.getByRole('button', { name: 'Sign in with a passkey' })

  // The device does not know the person: it makes no answer.
  await key.knows(false)
  await signIn.click()
  await expect(alert(page)).toHaveText(/^It was stopped: by you/)
  await expect(signIn).toBeFocused()
  await key.knows(true)

  // A copy of it was used less often: the panel says so, in place.
  await signIn.click()
  await expect(person.heading('Clusters')).toBeVisible()
  await person.signOut()
  await key.replace({ ...kept, signCount: 0 })
  await signIn.click()
  await expect(page.getByRole('alert')).toContainText('it may have been copied')
  expect(new URL(page.url()).pathname).toBe('/sign-in')

  // A passkey that the panel has never seen.
  await key.forget()
  const made = await page.evaluate(async (rpId) => {
    const made = await navigator.credentials.create({ publicKey: {
      rp: { id: rpId, name: 'Carina' }, user: { id: new Uint8Array(16), name: 'eve', displayName: 'eve' },
      challenge: new Uint8Array(32), pubKeyCredParams: [-7, -257].map((alg) => ({ type: 'public-key', alg })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    } })
    return made.id
  }, 'localhost')
  expect(made).toBeTruthy()
  await signIn.click()
  await expect(page.getByRole('alert')).toContainText('This passkey is not known here')

  // The panel is away.
  await page.route('**/api/passkey_sign_in_begin', (route) => route.abort())
  await signIn.click()
  await expect(alert(page)).toContainText('The panel did not answer')
  await page.unroute('**/api/passkey_sign_in_begin')

  // At another address of the panel there are none.
  await page.goto(`${panel.origin}/sign-in`)
  await signIn.click()
  await expect(alert(page)).toHaveText(/^Passkeys do not work at this address/)

  // No browser of today, or one without any.
  await page.goto(`${origin}/sign-in`)
  await page.evaluate(() => { delete window.PublicKeyCredential })
  await signIn.click()
  await expect(alert(page)).toHaveText(/^This browser, or this device, has no passkeys/)
  await troubles.forgive(/ERR_FAILED/)
  expect(troubles.take()).toEqual([])
  await context.close()
})

test('a browser without the newest words for it does it, too', async ({ browser }) => {
  const context = await browser.newContext()
  const page = await context.newPage()
  const troubles = watchConsole(page)
  await page.addInitScript(() => {
    delete PublicKeyCredential.parseCreationOptionsFromJSON
    delete PublicKeyCredential.parseRequestOptionsFromJSON
    delete PublicKeyCredential.prototype.toJSON
  })
  const person = new Pages(page, { ...panel, origin })
  await person.signIn()
  await expect(person.heading('Clusters')).toBeVisible()
  await device(page)
  await add(page, 'Old browser')
  await expect(page.getByText('The passkey is yours.')).toBeVisible()
  await person.signOut()
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await expect(person.heading('Clusters')).toBeVisible()
  await page.goto(`${origin}/confirm?next=/account/tokens`)
  await page.getByRole('button', { name: 'Confirm with a passkey' }).click()
  await expect(page).toHaveURL(`${origin}/account/tokens`)
  expect(troubles.take()).toEqual([])
  await context.close()
})

test('a device that cannot ask who one is, and none at all', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'de-DE' })
  const page = await context.newPage()
  await page.goto(`${origin}/sign-in`)
  await page.getByLabel('Name').fill(account.name)
  await page.getByLabel('Passwort').fill(account.password)
  await page.getByRole('button', { name: 'Anmelden', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Cluster' })).toBeVisible()
  await device(page, { hasUserVerification: false, isUserVerified: false })
  await page.goto(`${origin}/account/passkeys`)
  await page.getByLabel('Name des Passkeys').fill('Stick')
  await page.getByRole('button', { name: 'Passkey hinzufügen' }).click()
  await expect(alert(page)).toHaveText(/^(Es wurde abgebrochen|Dieser Browser oder dieses Gerät kennt keine)/)
  await context.close()
})

test('without script the pages say that passkeys need it', async ({ browser }) => {
  const ada = new Session(panel)
  await ada.call('sign_in', account)
  const options = JSON.parse(await ada.call('passkey_add_begin', { name: 'Stick' }))
  await ada.call('passkey_add', { name: 'Stick', answer: new Authenticator(origin).made(options) })
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  const person = new Pages(page, { ...panel, origin })
  await person.go('/sign-in')
  await expect(page.locator('main noscript .hint')).toContainText('Passkeys need script')
  await expect(page.getByRole('button', { name: 'Sign in with a passkey' })).toBeHidden()
  await person.signIn()
  await expect(person.heading('Clusters')).toBeVisible()
  await person.go('/account/passkeys')
  await expect(page.locator('main noscript .hint')).toContainText('Passkeys need script')
  await expect(page.getByRole('button', { name: 'Add a passkey' })).toBeHidden()
  // What is there can be removed all the same.
  await page.getByRole('button', { name: 'Remove Stick' }).click()
  await expect(page.getByText('The passkey is removed.')).toBeVisible()
  await context.close()
})
