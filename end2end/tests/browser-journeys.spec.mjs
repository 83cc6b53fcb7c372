// What people do beside containers: with clusters they own, with each other, and with the ways into
// their accounts. Each journey is one person's, on simulated segments, with script and without it; how
// the pages look is browser-sweep.spec.mjs.
import { expect, test } from '@playwright/test'
import { furnished } from '../lib/furnished.mjs'
import { account } from '../lib/panel.mjs'
import { Pages } from '../lib/pages.mjs'
import { Session } from '../lib/session.mjs'
import { code } from '../lib/totp.mjs'
import { watchConsole } from '../lib/watch.mjs'

const grace = { name: 'grace', password: 'a nanosecond of wire' }

/** Whoever has not signed in yet. */
const nobody = { cookies: [], origins: [] }

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.describe.configure({ mode: 'serial' })

    let panel, state, cluster
    test.beforeAll(async ({ browser }) => {
      ({ panel, state, cluster } = await furnished(browser))
    })
    test.afterAll(() => panel?.remove())

    const awake = (page) => javaScriptEnabled && expect(page.locator('html.awake')).toBeAttached()
    const region = (page, name) => page.getByRole('region', { name, exact: true })

    /** Somebody at a browser of their own. */
    async function visitor(browser, storageState = state) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, storageState, javaScriptEnabled })
      const page = await context.newPage()
      const person = new Pages(page, panel)
      const troubles = watchConsole(page, { warnings: javaScriptEnabled })
      const go = async (path) => {
        await person.go(path)
        await awake(page)
      }
      const press = (name, within = page) => within.getByRole('button', { name, exact: true }).click()
      return { context, page, person, troubles, go, press }
    }

    /** Nothing was complained about; the window is closed. */
    async function done({ context, troubles }) {
      expect(troubles.take()).toEqual([])
      await context.close()
    }

    test('a cluster gets another name, and grows by itself or not', async ({ browser }) => {
      const ada = await visitor(browser)
      const { page, go, press } = ada
      await go(`/clusters/${cluster}/settings`)
      await page.getByLabel('Cluster name').fill('marina')
      await press('Rename')
      await expect(page.getByText('The cluster has its new name.')).toBeVisible()
      await expect(ada.person.heading('marina')).toBeVisible()
      const autoscale = region(page, 'Autoscale')
      await expect(autoscale.locator('.badge')).toHaveText('off')
      await press('Switch it on')
      await expect(autoscale.locator('.badge')).toHaveText('on')
      await page.reload()
      await expect(autoscale.locator('.badge')).toHaveText('on')
      await awake(page)
      await press('Switch it off')
      await expect(autoscale.locator('.badge')).toHaveText('off')
      await done(ada)
    })

    test('a segment is replaced by an empty one', async ({ browser }) => {
      const ada = await visitor(browser)
      const { page, go, press } = ada
      await go(`/clusters/${cluster}/segments/2/replace`)
      await expect(page.locator('.gone')).toContainText('shop-db')
      await page.getByLabel('Type marina to confirm').fill('marina')
      await press('Replace segment 2')
      await expect(ada.person.heading('marina')).toBeVisible()
      await expect(ada.person.badge('active')).toBeVisible({ timeout: 30_000 })
      await go(`/clusters/${cluster}/changes`)
      await expect(page.locator('main')).toContainText(/Replace.*segment 2/)
      await done(ada)
    })

    test('somebody is invited, comes in, gets another role, and is kept out', async ({ browser }) => {
      const ada = await visitor(browser)
      await ada.go('/people/invite')
      await ada.page.getByLabel('For whom').fill('Grace, compilers')
      await ada.press('Make the link')
      const link = await ada.page.getByLabel('The link').inputValue()
      expect(link).toContain('/invitation#')

      const other = await visitor(browser, nobody)
      await other.page.goto(link)
      await awake(other.page)
      // The secret goes from the address into the form; without script it is copied.
      const secret = other.page.getByLabel('Code of the link')
      if (javaScriptEnabled) expect(other.page.url()).not.toContain('#')
      else await secret.fill(new URL(link).hash.slice(1))
      await expect(secret).toHaveValue(new URL(link).hash.slice(1))
      await other.page.getByLabel('Name').fill(grace.name)
      await other.page.getByLabel('Password').fill(grace.password)
      await other.press('Create the account')
      await expect(other.person.heading('Clusters')).toBeVisible()
      await expect(other.page.getByRole('link', { name: /Add cluster/ }).first()).toBeVisible()

      await ada.go('/people')
      await ada.page.getByRole('link', { name: grace.name }).click()
      await expect(ada.person.heading(grace.name)).toBeVisible()
      await awake(ada.page)
      await ada.page.getByRole('radio', { name: /^viewer/ }).check()
      await ada.press('Change the role')
      await expect(ada.page.getByText('The role is changed. It holds from now on.')).toBeVisible()
      await other.go('/clusters')
      await expect(other.page.getByRole('link', { name: /Add cluster/ })).toHaveCount(0)

      await awake(ada.page)
      await ada.press('Suspend')
      await expect(ada.page.getByText('The person is kept out.')).toBeVisible()
      // Told at once, where they were; without script, wherever they go next.
      if (!javaScriptEnabled) await other.go('/clusters')
      await expect(other.person.heading('Sign in')).toBeVisible({ timeout: 15_000 })
      await other.person.signIn(grace)
      await expect(other.page.getByRole('alert')).toBeVisible()
      await expect(other.person.heading('Sign in')).toBeVisible()
      await awake(ada.page)
      await ada.press('Let them in again')
      await expect(ada.page.getByText('The person can sign in again.')).toBeVisible()
      await awake(ada.page)
      await ada.page.getByRole('radio', { name: /^member/ }).check()
      await ada.press('Change the role')
      await expect(ada.page.getByText('The role is changed. It holds from now on.')).toBeVisible()
      await other.person.signIn(grace)
      await expect(other.person.heading('Clusters')).toBeVisible()
      await other.troubles.forgive(/4\d\d|Failed to load/)
      await done(other)
      await done(ada)
    })

    test('a team is made, and a cluster handed over to it', async ({ browser }) => {
      const ada = await visitor(browser)
      const { page, go, press } = ada
      await go('/teams')
      await page.getByLabel('Name of the team').fill('harbormasters')
      await press('Make the team')
      await expect(ada.person.heading('harbormasters')).toBeVisible()
      await expect(page.getByText('The team is made. Take people in.')).toBeVisible()
      const team = new URL(page.url()).pathname
      // Whoever hands over has to be in it.
      const session = new Session(panel)
      await session.call('sign_in', account)
      const id = team.split('/').at(-1)
      await session.call('team_person_set', { id, person: account.name, role: 'administrator' })
      await session.call('team_person_set', { id, person: grace.name, role: 'member' })
      await go(`/clusters/${cluster}/settings`)
      await region(page, 'Hand over').getByRole('radio').first().check()
      await press('Hand it over')
      await expect(page.getByText('The cluster has its new owner.')).toBeVisible()
      const other = await visitor(browser, nobody)
      await other.person.signIn(grace)
      await expect(other.page.getByRole('link', { name: 'marina', exact: true })).toBeVisible()
      await go(team)
      await expect(region(page, 'Clusters')).toContainText('marina')
      await done(other)
      await done(ada)
    })

    test('two-factor sign-in is turned on, and asked for at the next sign-in', async ({ browser }) => {
      const person = await visitor(browser, nobody)
      const { page, go, press } = person
      await person.person.signIn(grace)
      await expect(person.person.heading('Clusters')).toBeVisible()
      await go('/account/two-factor')
      await press('Set it up')
      const secret = await page.getByLabel('The key', { exact: true }).inputValue()
      await page.getByRole('textbox', { name: 'Code' }).fill(code(secret))
      await press('Turn it on')
      await expect(page.getByText('Two-factor sign-in is on.')).toBeVisible()
      const codes = (await page.getByLabel('All codes in one line').inputValue()).trim().split(/\s+/)
      await person.person.signOut()
      const second = async (typed) => {
        await person.person.signIn(grace)
        await expect(person.person.heading('One more step')).toBeVisible()
        await page.getByRole('textbox', { name: 'Code' }).fill(typed)
        await press('Sign in')
      }
      await second('000000')
      await expect(page.locator('#code-error')).not.toBeEmpty()
      // A code counts once; the next one is taken a little early.
      await page.getByRole('textbox', { name: 'Code' }).fill(code(secret, Date.now() + 30_000))
      await press('Sign in')
      await expect(person.person.heading('Clusters')).toBeVisible()
      // Without the device there is a recovery code.
      await person.person.signOut()
      await second(codes[0])
      await expect(person.person.heading('Clusters')).toBeVisible()
      await person.troubles.forgive(/4\d\d|Failed to load/)
      await done(person)
    })

    test('a token is made, works, and works no more once it is revoked', async ({ browser, request }) => {
      const ada = await visitor(browser)
      const { page, go, press } = ada
      await go('/account/tokens')
      await page.getByLabel('What it is for').fill('nightly report')
      await page.getByRole('checkbox', { name: /^Read/ }).check()
      await press('Make the token')
      const token = await page.getByLabel('The token').inputValue()
      const ask = () => request.get(`${panel.origin}/api/v1/clusters`, { headers: { authorization: `Bearer ${token}` } })
      const answer = await ask()
      expect(answer.status()).toBe(200)
      expect((await answer.json()).map((one) => one.name)).toEqual(['marina'])
      await go('/account/tokens')
      const row = page.getByRole('row', { name: /nightly report/ })
      await expect(row).not.toContainText('never')
      await press('Revoke', row)
      await expect(page.getByText('The token is revoked.')).toBeVisible()
      await expect(row).toBeHidden()
      expect((await ask()).status()).toBe(401)
      await done(ada)
    })

    test('the audit is narrowed down to what somebody looks for', async ({ browser }) => {
      const ada = await visitor(browser)
      const { page, go, press } = ada
      await go('/audit')
      const rows = page.locator('table.audit tbody tr')
      const all = await rows.count()
      await page.getByLabel('Action').selectOption('cluster_rename')
      await press('Filter')
      await expect(page).toHaveURL(/action=cluster_rename/)
      await expect(rows).toHaveCount(1)
      await expect(rows).toContainText('marina')
      await page.getByRole('link', { name: 'Show everything' }).click()
      await expect(rows).toHaveCount(all)
      // A word of a row leads to the rows that share it.
      await rows.first().getByRole('rowheader').getByRole('link').click()
      await expect(page).toHaveURL(/person=/)
      await done(ada)
    })

    test('a drained host takes nothing new until it is taken back', async ({ browser }) => {
      const ada = await visitor(browser)
      const { page, go, press } = ada
      await go('/hosts')
      await press('Drain')
      await expect(page.getByRole('button', { name: 'Take clusters again' })).toBeVisible()
      await expect(page.locator('.host-drain')).toContainText('no new clusters')
      await ada.person.create('stranded', 1)
      await expect(page.getByRole('alert')).toContainText('No host takes new clusters')
      await ada.troubles.forgive(/409/)
      await go('/hosts')
      await press('Take clusters again')
      await expect(page.getByRole('button', { name: 'Drain' })).toBeVisible()
      const id = await ada.person.created('afloat', 1)
      await ada.person.delete(id, 'afloat')
      await done(ada)
    })
  })
}
