// Signing in at an identity provider, in a browser that really goes there and comes back, with script
// and without it; over https, under an authority that the panel's configuration names.
import { expect, test } from '@playwright/test'
import { Panel } from '../lib/panel.mjs'
import { Pages } from '../lib/pages.mjs'
import { Provider } from '../lib/provider.mjs'
import { Session } from '../lib/session.mjs'
import { watchConsole } from '../lib/watch.mjs'

const people = () => [
  { subject: '17', name: 'grace', groups: ['operators', 'compilers'] },
  { subject: '23', name: 'alan', groups: ['staff'] },
  { subject: '42', name: 'countess', groups: ['operators'] },
  { subject: '666', name: 'eve', groups: ['strangers'] },
]

/** A panel that somebody administers already: the first account is never the provider's. */
async function panelOf(provider, more) {
  const panel = await Panel.start({ host: 'sim', pool: '10.86.0.0/16', more: { http: 'public_origin = "ORIGIN"' }, config: provider.settings(more) })
  await new Session(panel).setUp(panel.setupLink)
  return panel
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.describe.configure({ mode: 'serial' })
    let provider, panel
    test.beforeAll(async () => {
      provider = await Provider.start(people())
      panel = await panelOf(provider)
    })
    test.afterEach(() => { provider.lies = {} })
    test.afterAll(async () => {
      await panel?.remove()
      await provider?.stop()
    })

    /** Somebody at a browser that nobody used before. */
    async function visitor(browser) {
      const context = await browser.newContext({ javaScriptEnabled, ignoreHTTPSErrors: true })
      const page = await context.newPage()
      const person = new Pages(page, panel)
      const press = (name) => page.getByRole('button', { name, exact: true }).click()
      /** From a page with the button to the provider, and as somebody back again. */
      const through = async (button, answer) => {
        await press(button)
        await expect(page.getByRole('heading', { name: 'Who are you?' })).toBeVisible()
        expect(new URL(page.url()).origin).toBe(provider.issuer)
        await press(answer)
      }
      const signIn = async (answer, next = '/account') => {
        await person.go(`/sign-in?next=${next}`)
        await through('Sign in with Example', answer)
      }
      return { context, page, person, press, through, signIn, troubles: watchConsole(page, { warnings: javaScriptEnabled }) }
    }

    async function done({ context, troubles }) {
      expect(troubles.take()).toEqual([])
      await context.close()
    }

    test('the first sign-in makes an account, with the role of a group', async ({ browser }) => {
      const grace = await visitor(browser)
      const { page, person, signIn } = grace
      await signIn('I am grace')
      await expect(page).toHaveURL(`${panel.origin}/account`)
      await expect(page.getByText('Signed in as grace, administrator')).toBeVisible()
      await expect(page.getByText('Your account has no password.')).toBeVisible()
      expect(provider.asked.prompt).toBeUndefined()
      await person.go('/people')
      await expect(page.getByRole('row', { name: /grace/ })).toContainText('administrator')
      await person.go('/audit?action=account_create')
      await expect(page.getByRole('row', { name: /grace/ })).toContainText('at the first sign-in at Example')
      await done(grace)
    })

    test('whoever signs out has to go there again, and finds the same account', async ({ browser }) => {
      const alan = await visitor(browser)
      const { page, person, signIn } = alan
      await signIn('I am alan')
      await expect(page.getByText('Signed in as alan, member')).toBeVisible()
      await person.signOut()
      await person.go('/account')
      await expect(person.heading('Sign in')).toBeVisible()
      // At the next sign-in the role is what the groups say then.
      provider.people.find(({ name }) => name === 'alan').groups = ['staff', 'operators']
      await signIn('I am alan')
      await expect(page.getByText('Signed in as alan, administrator')).toBeVisible()
      await done(alan)
    })

    test('whoever is not let in, or does not want to, reads why, and goes on from there', async ({ browser }) => {
      const eve = await visitor(browser)
      const { page, person, signIn, through } = eve
      const alert = page.getByRole('alert')
      await signIn('I am eve')
      await expect(page.getByText('That did not work.')).toBeVisible()
      await expect(alert).toContainText('Your groups at Example do not let you in here. Ask whoever runs this panel.')
      await through('Sign in with Example', 'Leave')
      await expect(alert).toContainText('Example did not let you in, or you left it.')
      // The same answer once more: it counts for one sign-in.
      await page.reload()
      await expect(alert).toContainText('This answer belongs to another sign-in, or was used already. Begin again.')
      await page.getByRole('link', { name: 'Go to the sign-in' }).click()
      await expect(person.heading('Sign in')).toBeVisible()
      await expect(page.getByLabel('Password')).toBeVisible()
      await person.go('/account')
      await expect(person.heading('Sign in')).toBeVisible()
      await eve.troubles.forgive(/403/)
      await done(eve)
    })

    const wrong = [
      ['of another sign-in', { nonce: 'another' }, 'it belongs to another sign-in'],
      ['for another program', { aud: 'another' }, 'it is meant for another program'],
      ['of yesterday', { exp: Math.floor(Date.now() / 1000) - 86_400 }, 'it is too old, or a clock is wrong'],
      ['of somebody else', { iss: 'https://evil.example' }, 'it is from somebody else'],
    ]
    for (const [what, lies, why] of wrong) {
      test(`an answer ${what} does not count, and the page says so`, async ({ browser }) => {
        const grace = await visitor(browser)
        const { page, person, signIn, through } = grace
        provider.lies = lies
        await signIn('I am grace')
        await expect(page.getByRole('alert')).toContainText(`The answer of Example does not count: ${why}. Begin again`)
        provider.lies = {}
        await through('Sign in with Example', 'I am grace')
        await expect(person.heading('Clusters')).toBeVisible()
        await grace.troubles.forgive(/403/)
        await done(grace)
      })
    }

    test('an account that is there is connected by its owner alone, and disconnected again', async ({ browser }) => {
      const ada = await visitor(browser)
      const { page, person, press, through, signIn } = ada
      await person.signIn()
      await expect(person.heading('Clusters')).toBeVisible()
      await person.go('/account')
      await through('Connect with Example', 'I am countess')
      await expect(page.getByText('Your account is connected.')).toBeVisible()
      // Connecting asks the provider for a proof of its own.
      expect(provider.asked).toMatchObject({ prompt: 'login', max_age: '0' })
      await person.signOut()
      await signIn('I am countess')
      await expect(page.getByText('Signed in as ada, administrator')).toBeVisible()
      await press('Disconnect')
      await expect(page.getByText('Your account is not connected any more.')).toBeVisible()
      await done(ada)
    })

    test('before what cannot be undone, the provider is asked once more', async ({ browser }) => {
      const grace = await visitor(browser)
      const { page, person, through, signIn } = grace
      await signIn('I am grace', '/clusters')
      await expect(person.heading('Clusters')).toBeVisible()
      await person.go('/confirm?next=/account/tokens')
      await through('Confirm with Example', 'I am alan')
      await expect(page.getByRole('alert')).toContainText('You signed in at Example as somebody else.')
      await person.go('/confirm?next=/account/tokens')
      await through('Confirm with Example', 'I am grace')
      await expect(page).toHaveURL(`${panel.origin}/account/tokens`)
      expect(provider.asked).toMatchObject({ prompt: 'login', max_age: '0' })
      await grace.troubles.forgive(/403/)
      await done(grace)
    })

    test('a provider that another authority vouches for is not believed', async ({ browser }) => {
      const other = await panelOf(provider, { authority: await provider.otherAuthority() })
      try {
        const context = await browser.newContext({ javaScriptEnabled })
        const page = await context.newPage()
        await page.goto(`${other.origin}/sign-in`)
        await page.getByRole('button', { name: 'Sign in with Example' }).click()
        await expect(page.getByRole('alert')).toContainText('Example is not available just now. Try again in a moment.')
        await expect(page.getByRole('link', { name: 'Go to the sign-in' })).toBeVisible()
        await context.close()
      } finally {
        await other.remove()
      }
    })
  })
}
