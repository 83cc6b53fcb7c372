// What people do on the pages, on simulated segments: how the pages look to them is
// browser-sweep.spec.mjs.
import { expect, test } from '@playwright/test'
import { furnished } from '../lib/furnished.mjs'
import { Pages } from '../lib/pages.mjs'
import { watchConsole } from '../lib/watch.mjs'

test.describe.configure({ mode: 'serial' })

let panel, state, cluster

test.beforeAll(async ({ browser }) => {
  ({ panel, state } = await furnished(browser, { segments: 0 }))
})
test.afterAll(() => panel?.remove())

const look = { viewport: { width: 1280, height: 900 } }

/** Script has looked the page over. */
async function awake(page) {
  await expect(page.locator('html.awake')).toBeAttached()
}

async function visitor(browser) {
  const context = await browser.newContext({ ...look, storageState: state })
  const page = await context.newPage()
  return { context, page, troubles: watchConsole(page) }
}

test('a simulated cluster becomes active while one watches', async ({ browser }) => {
  const { context, page, troubles } = await visitor(browser)
  const person = new Pages(page, panel)
  cluster = await person.created('showcase', 3)
  await expect(person.badge('active')).toBeVisible({ timeout: 20_000 })
  expect(troubles.take()).toEqual([])
  await context.close()
})

test('a port is a link where a browser opens it, and says who reaches it', async ({ browser }) => {
  const { context, page, troubles } = await visitor(browser)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: panel.origin })
  await page.goto(`${panel.origin}/clusters/${cluster}/containers`)
  await awake(page)
  const web = page.getByRole('row', { name: /^(Tick web )?web/ })
  await expect(web.getByRole('link', { name: /:8080 → 80\/tcp/ })).toHaveAttribute('href', /^http:\/\/10\.86\./)
  const db = page.getByRole('row', { name: /shop-db/ })
  const address = await db.getByLabel('Address of port 5432/tcp').inputValue()
  expect(address).toMatch(/^10\.86\.\d+\.\d+:5432$/)
  await expect(db.getByRole('link', { name: /5432/ })).toHaveCount(0)
  await db.getByRole('button', { name: 'Copy' }).click()
  await expect(db.getByText('Copied')).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(address)
  await expect(page.getByText(/^Only the panel's own machine reaches these ports/)).toContainText(/ssh -L \d+:10\.86\.\S+ 127\.0\.0\.1/)
  // The overview and its picture lead to the container.
  await page.goto(`${panel.origin}/clusters/${cluster}`)
  await awake(page)
  await page.locator('.room-plan a').first().click()
  await expect(page).toHaveURL(/\/containers\/[\w-]+$/)
  await page.goBack()
  await page.getByRole('region', { name: 'Containers' }).getByRole('link', { name: 'web', exact: true }).click()
  await expect(page).toHaveURL(/\/containers\/web$/)
  expect(troubles.take()).toEqual([])
  await context.close()
})

test('a log is followed, searched, paused, and goes on', async ({ browser }) => {
  const { context, page, troubles } = await visitor(browser)
  await page.goto(`${panel.origin}/clusters/${cluster}/logs?c=web`)
  await awake(page)
  const lines = page.locator('.log-line')
  const state = page.locator('[data-log-state]')
  await expect(state).toHaveText('Following')
  const before = await lines.count()
  await expect.poll(() => lines.count()).toBeGreaterThan(before + 1)
  await page.getByRole('button', { name: 'Pause' }).click()
  await expect(state).toHaveText('Paused')
  const paused = await lines.count()
  await page.waitForTimeout(2_500)
  expect(await lines.count()).toBe(paused)
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect.poll(() => lines.count()).toBeGreaterThan(paused + 2)
  // Nothing twice, nothing left out: the simulated guest writes a line a second.
  const moments = await page.locator('.log-line time').evaluateAll((all) => all.map((one) => Date.parse(one.dateTime)))
  const gaps = moments.slice(1).map((at, n) => at - moments[n])
  expect(gaps.filter((gap) => gap !== 1_000)).toEqual([])
  await page.getByLabel('Search in these lines').fill('upstream <worker>')
  await expect(state).toHaveText(/^\d+ of \d+ lines$/)
  await expect(page.locator('.log-line:visible').first()).toContainText('timed out')
  await page.getByRole('button', { name: 'Times' }).click()
  await expect(page.locator('.log time').first()).toBeHidden()
  const coming = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download' }).click()
  expect((await coming).suggestedFilename()).toBe('showcase-web.log')
  expect(troubles.take()).toEqual([])
  await context.close()
})

test('a change elsewhere is shown without a reload, and takes nothing from whoever is at work', async ({ browser }) => {
  const { context, page, troubles } = await visitor(browser)
  await page.goto(`${panel.origin}/clusters`)
  await awake(page)
  await page.evaluate(() => { window.untouched = true })
  const other = await visitor(browser)
  await page.bringToFront()
  await page.getByLabel('Manage showcase').focus()
  const second = await new Pages(other.page, panel).created('second', 1)
  await expect(page.getByRole('link', { name: 'second' })).toBeVisible()
  await expect(page.locator('article', { hasText: 'second' }).getByText('active')).toBeVisible({ timeout: 20_000 })
  expect(await page.evaluate(() => window.untouched)).toBe(true)
  await expect(page.getByLabel('Manage showcase')).toBeFocused()
  await new Pages(other.page, panel).delete(second, 'second')
  await expect(page.getByRole('link', { name: 'second' })).toBeHidden({ timeout: 20_000 })
  expect(troubles.take()).toEqual([])
  await other.context.close()
  await context.close()
})

test('a form says what is wrong in place, keeps what was typed, and survives a panel that is away', async ({ browser }) => {
  const { context, page, troubles } = await visitor(browser)
  await page.goto(`${panel.origin}/clusters/new`)
  await awake(page)
  await page.evaluate(() => { window.untouched = true })
  const name = page.getByLabel('Cluster name')
  await name.fill('Not A Name')
  await expect(page.locator('#name-error')).not.toBeEmpty() // while typing
  await page.getByLabel('2 segments').check()
  await page.getByRole('button', { name: 'Create cluster' }).click()
  await expect(page).toHaveURL(/\/clusters\/new$/)
  await expect(name).toHaveValue('Not A Name')
  await expect(name).toBeFocused()
  await expect(page.getByLabel('2 segments')).toBeChecked()
  await expect(page.locator('#name-error')).not.toBeEmpty()
  await context.setOffline(true)
  await name.fill('offline')
  await page.getByRole('button', { name: 'Create cluster' }).click()
  await expect(page.getByText('The panel did not answer.')).toBeVisible()
  await expect(name).toHaveValue('offline')
  await expect(page.getByRole('button', { name: 'Create cluster' })).toBeEnabled()
  expect(await page.evaluate(() => window.untouched)).toBe(true)
  await troubles.forgive(/ERR_INTERNET_DISCONNECTED|Failed to load/)
  await context.close()
})

test('a person chooses the language, and fields speak it, too', async ({ browser }) => {
  const { context, page, troubles } = await visitor(browser)
  await page.goto(`${panel.origin}/clusters/new`)
  await awake(page)
  await page.getByRole('button', { name: 'Deutsch' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Cluster hinzufügen' })).toBeVisible()
  expect(page.url()).toBe(`${panel.origin}/clusters/new`)
  await awake(page)
  await page.getByLabel('Name des Clusters').fill('Groß')
  await expect(page.locator('#name-error')).toHaveText(/Verwenden Sie Kleinbuchstaben a-z, .*„G“/)
  await page.goto(`${panel.origin}/clusters/${cluster}`)
  await awake(page)
  await expect(page.locator('time[data-told]').first()).toHaveText(/^(vor|jetzt)/)
  await page.getByRole('button', { name: 'English' }).click()
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
  expect(troubles.take()).toEqual([])
  await context.close()
})

test('the page is small', async ({ request }) => {
  let total = 0
  for (const file of ['carina.js', 'carina_bg.wasm', 'carina.css']) {
    const answer = await request.get(`${panel.origin}/pkg/${file}`, { headers: { 'accept-encoding': 'br' } })
    expect(answer.ok(), file).toBe(true)
    expect(answer.headers()['content-encoding'], file).toBe('br')
    const { stat } = await import('node:fs/promises')
    const { target } = await import('../lib/run.mjs')
    total += (await stat(`${target}/site/pkg/${file}.br`)).size
  }
  expect(total).toBeLessThanOrEqual(300_000)
})

test('strangers see nothing and change nothing', async ({ request }) => {
  for (const path of ['/clusters', `/clusters/${cluster}`, `/clusters/${cluster}/access`, '/account']) {
    const answer = await request.get(panel.origin + path, { headers: { accept: 'text/html' } })
    expect(answer.url(), path).toContain('/sign-in')
    expect(await answer.text(), path).not.toContain('showcase')
  }
  const bundle = await request.post(`${panel.origin}/clusters/${cluster}/bundle`, { headers: { origin: panel.origin }, maxRedirects: 0 })
  expect(bundle.headers()['content-type'] ?? '').not.toContain('zip')
})

test('a change from another site is refused', async ({ playwright }) => {
  const request = await playwright.request.newContext({ storageState: state })
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
    const answer = await request.post(`${panel.origin}/api/cluster_delete`, { form: { id: cluster, confirm_name: 'showcase' }, headers, maxRedirects: 0 })
    expect(answer.status()).toBe(403)
  }
  const still = await request.get(`${panel.origin}/clusters/${cluster}`)
  expect(still.ok()).toBe(true)
  await request.dispose()
})

test('pages say what browsers may do with them', async ({ request }) => {
  const headers = (await request.get(`${panel.origin}/sign-in`)).headers()
  expect(headers['content-security-policy']).toMatch(/script-src[^;]*'nonce-/)
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['referrer-policy']).toBeTruthy()
})
