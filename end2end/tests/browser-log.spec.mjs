// Logs as a person reads them: several at once, wrapped or not, as a file, and whole, whatever breaks on
// the way. A simulated guest writes a line a second (crates/host/src/sim/guest.rs), so that one that
// is missing or comes twice shows.
import { expect, test } from '@playwright/test'
import { readFile } from 'node:fs/promises'
import { furnished } from '../lib/furnished.mjs'
import { Proxy } from '../lib/proxy.mjs'
import { watchConsole } from '../lib/watch.mjs'

let panel, proxy, state, cluster
test.beforeAll(async ({ browser }) => {
  ({ panel, state, cluster } = await furnished(browser, { segments: 3 }))
  proxy = await Proxy.start(panel.port)
})
test.afterAll(async () => {
  await proxy?.stop()
  await panel?.remove()
})

const three = ['web', 'worker', 'shop-db']
const told = (page) => page.locator('[data-log-state]')

async function opened(browser, containers, { origin = panel.origin, ...look } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, storageState: state, ...look })
  const page = await context.newPage()
  const troubles = watchConsole(page)
  await page.goto(`${origin}/clusters/${cluster}/logs?${containers.map((name) => `c=${name}`).join('&')}`)
  await expect(told(page)).toHaveText('Following')
  return { context, page, troubles }
}

/** Of each container the moments of its lines, in the order in which they stand there. */
async function moments(page, only = '') {
  const lines = await page.locator('.log-line').evaluateAll((all) => all.map((line) => ({
    name: line.querySelector('.log-from')?.textContent, at: Date.parse(line.querySelector('time').dateTime),
  })))
  const found = new Map()
  for (const { name = only, at } of lines) found.set(name, [...(found.get(name) ?? []), at])
  return found
}

const gaps = (times) => times.slice(1).map((at, n) => at - times[n])

/** Waits for so many more lines of every container. */
async function grown(page, more) {
  const before = await moments(page)
  await expect.poll(async () => {
    const now = await moments(page)
    return [...before].every(([name, times]) => now.get(name).length >= times.length + more)
  }, { timeout: 30_000 }).toBe(true)
}

test('several containers stand side by side, each with its name, and each is whole', async ({ browser }) => {
  const { context, page, troubles } = await opened(browser, three)
  // Drawn in the order of time; what is followed comes as each container tells it.
  const drawn = [...(await (await page.request.get(page.url())).text()).matchAll(/<time datetime="([^"]+Z)" title/g)].map(([, at]) => at)
  expect(drawn.length).toBeGreaterThan(100)
  expect(drawn).toEqual([...drawn].sort())
  await grown(page, 3)
  const found = await moments(page)
  expect([...found.keys()].sort()).toEqual([...three].sort())
  for (const [name, times] of found) expect(gaps(times).filter((gap) => gap !== 1_000), name).toEqual([])
  await expect(page.locator('.chip')).toHaveText(three)
  // One is left out, the others stay.
  await page.getByRole('link', { name: 'Leave worker out' }).click()
  await expect(page.locator('.chip')).toHaveText(['web', 'shop-db'])
  await expect(told(page)).toHaveText('Following')
  expect([...(await moments(page)).keys()].sort()).toEqual(['shop-db', 'web'])
  expect(troubles.take()).toEqual([])
  await context.close()
})

test('long lines are wrapped, or run on', async ({ browser }) => {
  const { context, page, troubles } = await opened(browser, ['web'], { viewport: { width: 390, height: 800 } })
  const overflow = () => page.locator('.log').evaluate((log) => log.scrollWidth - log.clientWidth)
  const wrap = page.getByRole('button', { name: 'Wrap' })
  await expect(wrap).toHaveAttribute('aria-pressed', 'true')
  expect(await overflow()).toBe(0)
  await wrap.click()
  await expect(wrap).toHaveAttribute('aria-pressed', 'false')
  expect(await overflow()).toBeGreaterThan(20)
  await wrap.click()
  expect(await overflow()).toBe(0)
  expect(troubles.take()).toEqual([])
  await context.close()
})

test('the file has every line, plain, with its moment and its container', async ({ browser }) => {
  const { context, page, troubles } = await opened(browser, ['web', 'worker'])
  const shown = await page.locator('.log-line').last().locator('span').first().textContent()
  const coming = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download' }).click()
  const download = await coming
  expect(download.suggestedFilename()).toBe('harbor-containers.log')
  const text = await readFile(await download.path(), 'utf8')
  const lines = text.trimEnd().split('\n').map((line) => /^(\S+Z) (web|worker) (.*)$/.exec(line))
  expect(lines.filter((line) => !line)).toEqual([])
  // More than the page: from the first line on.
  expect(lines.length).toBeGreaterThan(2 * 25 * 60)
  for (const name of ['web', 'worker']) {
    const times = lines.filter(([, , from]) => from === name).map(([, at]) => Date.parse(at))
    expect(gaps(times).filter((gap) => gap !== 1_000), name).toEqual([])
  }
  expect(lines.some(([, , , words]) => words === '[error] upstream <worker> timed out')).toBe(true)
  expect(text).not.toContain('\u001b')
  expect(lines.some(([, , , words]) => words === shown)).toBe(true)
  expect(troubles.take()).toEqual([])
  await context.close()
})

test('a connection that is cut loses no line and doubles none', async ({ browser }) => {
  const { context, page } = await opened(browser, three, { origin: proxy.origin })
  await grown(page, 2)
  for (let n = 0; n < 2; n++) {
    expect(proxy.cut()).toBeGreaterThan(0)
    await expect(told(page)).toHaveText('Connecting again…')
    await expect(told(page)).toHaveText('Following', { timeout: 20_000 })
    await grown(page, 2)
  }
  for (const [name, times] of await moments(page)) expect(gaps(times).filter((gap) => gap !== 1_000), name).toEqual([])
  await context.close()
})

test('a panel that is restarted loses no line and doubles none', async ({ browser }) => {
  const { context, page } = await opened(browser, ['web'])
  const all = async () => (await moments(page, 'web')).get('web')
  const before = await all()
  await panel.kill()
  await expect(told(page)).toHaveText('Connecting again…')
  await panel.up()
  await expect(told(page)).toHaveText('Following', { timeout: 60_000 })
  await expect.poll(async () => (await all()).length, { timeout: 30_000 }).toBeGreaterThan(before.length + 5)
  const between = gaps(await all())
  expect(Math.min(...between)).toBeGreaterThan(0)
  // The guest was made anew with its machine, so its second begins elsewhere: once.
  const other = between.filter((gap) => gap !== 1_000)
  expect(other.length).toBeLessThanOrEqual(1)
  expect(Math.max(...between)).toBeLessThanOrEqual(1_000)
  await context.close()
})
