// What goes wrong, as a person meets it: every failure says what happened, what it means and what there
// is to do, and can be left. Simulated segments, because their machine breaks on command
// (crates/host/src/sim/fault.rs).
import { expect, test } from '@playwright/test'
import { rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { furnished } from '../lib/furnished.mjs'
import { account } from '../lib/panel.mjs'
import { Pages } from '../lib/pages.mjs'
import { watchConsole } from '../lib/watch.mjs'

test.describe.configure({ mode: 'serial' })

const faultFile = path.join(os.tmpdir(), `carina-faults-${process.pid}`)
let panel, state, cluster

test.beforeAll(async ({ browser }) => {
  ({ panel, state, cluster } = await furnished(browser, {
    name: 'steady', more: { hosts: `boot_ms = 300\nfaults = "${faultFile}"` },
    config: '\n[quota]\nclusters = 20\n',
  }))
})
test.afterEach(() => mended())
test.afterAll(async () => {
  await panel?.remove()
  await mended()
})

const broken = (...faults) => writeFile(faultFile, faults.join('\n'))
const mended = () => rm(faultFile, { force: true })

async function visitor(browser) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, storageState: state })
  const page = await context.newPage()
  return { context, page, person: new Pages(page, panel), troubles: watchConsole(page) }
}

/** Script has looked the page over. */
const awake = (page) => expect(page.locator('html.awake')).toBeAttached()

/** Asked for while something is broken, the cluster says so; mended, one press takes it further. */
async function failsAndGoesOn(page, person, name, { reason, advice }) {
  const id = await person.created(name, 1)
  await expect(page.locator('.status-panel .reason')).toContainText(reason, { timeout: 20_000 })
  await expect(page.locator('.status-panel .advice')).toContainText(advice)
  await expect(page.getByRole('link', { name: 'Give up and delete' })).toBeVisible()
  await mended()
  await page.getByRole('button', { name: 'Try again now' }).click()
  await expect(person.badge('active')).toBeVisible({ timeout: 20_000 })
  await expect(page.locator('.reason')).toBeHidden()
  await person.delete(id, name)
}

test('the machines are full', async ({ browser }) => {
  const { context, page, person, troubles } = await visitor(browser)
  await broken('memory 300')
  await person.create('large', 3)
  await expect(page.getByRole('alert')).toContainText('room for 1 more segment')
  await expect(page.getByLabel('Cluster name')).toHaveValue('large')
  await page.getByLabel(/^1 segment/).check()
  await page.getByRole('button', { name: 'Create cluster' }).click()
  await expect(person.heading('large')).toBeVisible()
  const id = /\/clusters\/([0-9a-f-]{36})/.exec(page.url())[1]
  await expect(person.badge('active')).toBeVisible({ timeout: 20_000 })
  await mended()
  await person.delete(id, 'large')
  await troubles.forgive(/409/)
  expect(troubles.take()).toEqual([])
  await context.close()
})

test('the image of segments is missing', async ({ browser }) => {
  const { context, page, person, troubles } = await visitor(browser)
  await broken('fail SegmentEnsureDefined there is no image 0123 on this host')
  await failsAndGoesOn(page, person, 'imageless', {
    reason: 'nothing to make segments from: the image 0123 is missing', advice: 'carina host prepare',
  })
  expect(troubles.take()).toEqual([])
  await context.close()
})

test('a segment does not start', async ({ browser }) => {
  const { context, page, person, troubles } = await visitor(browser)
  await broken('stopped 1')
  await failsAndGoesOn(page, person, 'stillborn', { reason: 'it stopped at once', advice: 'The machine refused a step' })
  expect(troubles.take()).toEqual([])
  await context.close()
})

test('an engine never starts', async ({ browser }) => {
  const { context, page, person, troubles } = await visitor(browser)
  await broken('silent')
  const id = await person.created('mute', 1)
  await expect(page.locator('.status-panel .reason')).toContainText('Waiting for the engine of segment 1', { timeout: 20_000 })
  await expect(page.locator('.status-panel .advice')).toContainText('replace the segment')
  await mended()
  await expect(person.badge('active')).toBeVisible({ timeout: 30_000 })
  await person.delete(id, 'mute')
  expect(troubles.take()).toEqual([])
  await context.close()
})

test('libvirt is down', async ({ browser }) => {
  const { context, page, person, troubles } = await visitor(browser)
  await broken('away')
  await failsAndGoesOn(page, person, 'patient', { reason: 'cannot be reached', advice: 'goes on by itself' })
  // Whoever looks after the machines sees which one it is.
  await broken('away')
  await page.goto(`${panel.origin}/hosts`)
  await expect(page.locator('.host .badge').first()).toHaveText('away')
  await mended()
  await page.reload()
  await expect(page.locator('.host .badge').first()).not.toHaveText('away')
  expect(troubles.take()).toEqual([])
  await context.close()
})

test('a segment is lost while its console is open', async ({ browser }) => {
  const { context, page, person, troubles } = await visitor(browser)
  await person.status(cluster)
  await page.goto(`${panel.origin}/clusters/${cluster}/containers/web/console`)
  const told = page.locator('[data-console-state]')
  await expect(told).toHaveText('Connected')
  await page.keyboard.type('echo still here\n')
  await expect(page.locator('.xterm-rows')).toContainText(/still here\s*\/ #/)
  await broken('stopped 1', 'stopped 2')
  await expect(told).toContainText('its segment went away', { timeout: 20_000 })
  // What was on the screen stays to be read.
  await expect(page.locator('.xterm-rows')).toContainText('still here')
  await expect(page.getByRole('button', { name: 'Reconnect now' })).toBeVisible()
  const other = await context.newPage()
  await other.goto(`${panel.origin}/clusters/${cluster}`)
  await expect(other.locator('.status-panel .advice')).toContainText('nothing that runs is touched')
  await mended()
  await other.getByRole('button', { name: 'Try again now' }).click()
  await expect(new Pages(other, panel).badge('active')).toBeVisible({ timeout: 20_000 })
  // The same container, a new shell, by itself.
  await expect(told).toContainText('Connected again, with a new shell', { timeout: 40_000 })
  await expect(page.locator('.xterm-rows')).toContainText('still here')
  await page.locator('.console').click()
  await page.keyboard.type('echo back again\n')
  await expect(page.locator('.xterm-rows')).toContainText(/back again\s*\/ #/)
  troubles.take()
  await context.close()
})

test('two people change one cluster at once', async ({ browser }) => {
  const one = await visitor(browser)
  const two = await visitor(browser)
  const id = await one.person.created('contested', 3)
  await one.person.status(id)
  await one.page.goto(`${panel.origin}/clusters/${id}/scale`)
  await two.page.goto(`${panel.origin}/clusters/${id}/delete`)
  await awake(one.page)
  await two.person.delete(id, 'contested')
  await one.page.getByLabel(/^2 segment/).check()
  await one.page.locator('main form button[type=submit]').click()
  await expect(one.page.getByText(/contested is being deleted|no such cluster/).first()).toBeVisible()
  await one.page.goto(`${panel.origin}/clusters`)
  await expect(one.page.getByRole('link', { name: 'contested', exact: true })).toBeHidden({ timeout: 20_000 })
  await one.context.close()
  await two.context.close()
})

test('two people scale one cluster at once', async ({ browser }) => {
  const one = await visitor(browser)
  const two = await visitor(browser)
  const id = await one.person.created('shared', 1)
  await one.person.status(id)
  await one.page.goto(`${panel.origin}/clusters/${id}/scale`)
  await awake(one.page)
  await two.person.scale(id, 2)
  await two.person.status(id)
  await one.page.getByLabel(/^3 segment/).check()
  await one.page.getByRole('button', { name: 'Add 2 segments' }).click()
  await expect(one.page.getByRole('alert')).toContainText('it has 2 segments now')
  await expect(one.page.getByLabel(/^3 segment/)).toBeChecked()
  await one.page.getByRole('button', { name: 'Add 1 segment' }).click()
  await expect(one.person.heading('shared')).toBeVisible()
  await one.person.status(id)
  await one.person.delete(id, 'shared')
  await one.context.close()
  await two.context.close()
})

test('an engine that is silent is not taken for empty', async ({ browser }) => {
  const { context, page, person } = await visitor(browser)
  const id = await person.created('quiet', 2)
  await person.status(id)
  await broken('silent')
  await page.goto(`${panel.origin}/clusters/${id}/scale`)
  await expect(page.getByLabel(/^1 segment/)).toBeAttached()
  await expect(page.getByText('what is on it cannot be listed').first()).toBeVisible()
  await page.goto(`${panel.origin}/clusters/${id}/delete`)
  await expect(page.getByText('whatever is on it goes with it').first()).toBeVisible()
  await mended()
  await page.reload()
  await expect(page.getByText('migrate and shop-db')).toBeVisible()
  await person.delete(id, 'quiet')
  await context.close()
})

test('the session ends in the middle of a form, and what was typed is kept', async ({ browser }) => {
  const { context, page, person } = await visitor(browser)
  // A session of its own, so that the others go on.
  await context.clearCookies()
  await person.signIn()
  await expect(person.heading('Clusters')).toBeVisible()
  await page.goto(`${panel.origin}/clusters/new`)
  await awake(page)
  await page.getByLabel('Cluster name').fill('half-typed')
  await page.getByLabel(/^2 segment/).check()
  await context.clearCookies()
  await page.getByRole('button', { name: 'Create cluster' }).click()
  await expect(page.getByText(/[Ss]ign in/).first()).toBeVisible()
  await expect(page.getByLabel('Cluster name')).toHaveValue('half-typed')
  // Signed in again in another tab, the form goes through as it stands.
  const other = await context.newPage()
  await new Pages(other, panel).signIn(account)
  await expect(other.getByRole('heading', { level: 1, name: 'Clusters' })).toBeVisible()
  await page.getByRole('button', { name: 'Create cluster' }).click()
  await expect(person.heading('half-typed')).toBeVisible()
  const id = /\/clusters\/([0-9a-f-]{36})/.exec(page.url())[1]
  await person.status(id)
  await person.delete(id, 'half-typed')
  await context.close()
})

test('a compose file is there again after the sign-in', async ({ browser }) => {
  const { context, page, person } = await visitor(browser)
  await context.clearCookies()
  await person.signIn()
  await expect(person.heading('Clusters')).toBeVisible()
  const editor = `${panel.origin}/clusters/${cluster}/stacks/new`
  const text = 'services:\n  web:\n    image: nginx:1.29 # half-typed\n'
  await page.goto(editor)
  await awake(page)
  await page.getByLabel('Name of the stack').fill('typed')
  await page.getByRole('textbox', { name: 'Compose file' }).fill(text)
  await context.clearCookies()
  await page.getByRole('button', { name: 'Check only' }).click()
  await expect(person.heading('You are signed out, and nothing was saved')).toBeVisible()
  await expect(page.getByLabel('What you typed')).toHaveValue(text)
  await awake(page)
  await page.getByRole('link', { name: 'Sign in here' }).click()
  await awake(page)
  await page.getByLabel('Name').fill(account.name)
  await page.getByLabel('Password').fill(account.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByText('nothing of it was sent yet')).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'Compose file' })).toHaveValue(text)
  await expect(page.getByLabel('Name of the stack')).toHaveValue('typed')
  await page.getByRole('button', { name: 'Check only' }).click()
  await expect(page.getByText('The file is good')).toBeVisible()
  // Taken, it is not kept any longer.
  await page.goto(editor)
  await awake(page)
  await expect(page.getByRole('textbox', { name: 'Compose file' })).not.toHaveValue(text)
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
  await context.close()
})

test('an invitation is there again after the sign-in, for the same person alone', async ({ browser }) => {
  const { context, page, person } = await visitor(browser)
  const typed = async () => {
    await page.goto(`${panel.origin}/people/invite`)
    await awake(page)
    await page.getByLabel('For whom').fill('the new colleague')
    await page.getByLabel(/^viewer/).check()
    await page.getByLabel('Memory, MiB').fill('4096')
    await context.clearCookies()
    await page.getByRole('button', { name: 'Make the link' }).click()
    await expect(person.heading('You are signed out, and nothing was saved')).toBeVisible()
    await awake(page)
  }
  await context.clearCookies()
  await person.signIn()
  await expect(person.heading('Clusters')).toBeVisible()
  await typed()
  await person.signIn()
  await expect(person.heading('Clusters')).toBeVisible()
  await page.goto(`${panel.origin}/people/invite`)
  await expect(page.getByText('nothing of it was sent yet')).toBeVisible()
  await expect(page.getByLabel('For whom')).toHaveValue('the new colleague')
  await expect(page.getByLabel(/^viewer/)).toBeChecked()
  await expect(page.getByLabel('Memory, MiB')).toHaveValue('4096')
  // Somebody else's form stays somebody else's.
  await typed()
  await page.evaluate(() => {
    const kept = new URLSearchParams(sessionStorage.getItem('carina.kept'))
    kept.set('account', 'somebody else')
    sessionStorage.setItem('carina.kept', kept.toString())
  })
  await person.signIn()
  await expect(person.heading('Clusters')).toBeVisible()
  await page.goto(`${panel.origin}/people/invite`)
  await awake(page)
  await expect(page.getByLabel('For whom')).toHaveValue('')
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
  await context.close()
})

test('without script the form is in the answer, and is sent again from there', async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  const person = new Pages(page, panel)
  await person.signIn()
  await page.goto(`${panel.origin}/clusters/${cluster}/stacks/new`)
  await page.getByRole('textbox', { name: 'Compose file' }).fill('services:\n  web:\n    image: nginx:1.29\n')
  await context.clearCookies()
  await page.getByRole('button', { name: 'Check only' }).click()
  await expect(page.getByLabel('What you typed')).toHaveValue(/nginx:1.29/)
  const other = await context.newPage()
  await new Pages(other, panel).signIn()
  await expect(other.getByRole('heading', { level: 1, name: 'Clusters' })).toBeVisible()
  await page.getByRole('button', { name: 'Send it again' }).click()
  await expect(page.getByText('The file is good')).toBeVisible()
  await context.close()
})

test('a request for more is granted with one press', async ({ browser }) => {
  const { context, page } = await visitor(browser)
  await page.goto(`${panel.origin}/account/quota`)
  await awake(page)
  await page.getByRole('spinbutton', { name: 'Clusters' }).fill('25')
  await page.getByLabel('What it is for').fill('a course')
  await page.getByRole('button', { name: 'Send the request' }).click()
  await expect(page.getByText('Your request is with the administrators.')).toBeVisible()
  await page.goto(`${panel.origin}/people`)
  await awake(page)
  await expect(page.getByRole('link', { name: /People.*1 request waits/ })).toBeVisible()
  await page.getByRole('button', { name: 'Grant', exact: true }).click()
  await expect(page.getByText('The request is decided.')).toBeVisible()
  await context.close()
})

test('the panel is restarted in the middle', async ({ browser }) => {
  const { context, page, person } = await visitor(browser)
  await broken('silent')
  const id = await person.created('midway', 1)
  await expect(person.badge('building')).toBeVisible()
  await panel.kill()
  await mended()
  await panel.up()
  // The page looks again by itself.
  await expect(person.badge('active')).toBeVisible({ timeout: 40_000 })
  await person.delete(id, 'midway')
  await context.close()
})

test('a proxy that answers for the panel is waited out', async ({ browser }) => {
  const { context, page, person } = await visitor(browser)
  // No stream: a browser by itself would not come again.
  const events = /\/events\?/
  let refused = 0
  await context.route(events, (route) => route.fulfill({ status: 502 }).then(() => (refused += 1)))
  await broken('silent')
  const id = await person.created('patient', 1)
  await awake(page)
  await expect.poll(() => refused, { timeout: 20_000 }).toBeGreaterThan(1)
  await mended()
  const other = await context.newPage()
  await new Pages(other, panel).status(id)
  await expect(person.badge('building')).toBeVisible()
  await context.unroute(events)
  await expect(person.badge('active')).toBeVisible({ timeout: 40_000 })
  await person.delete(id, 'patient')
  await context.close()
})
