// A console as a person works in it: the size of the window, copies and pastes, what breaks in between.
// Simulated segments, whose shell knows `echo` and `stty size` (crates/host/src/sim/shell.rs).
import { expect, test } from '@playwright/test'
import { furnished } from '../lib/furnished.mjs'
import { Proxy } from '../lib/proxy.mjs'
import { watchConsole } from '../lib/watch.mjs'

let panel, proxy, state, cluster
test.beforeAll(async ({ browser }) => {
  ({ panel, state, cluster } = await furnished(browser))
  proxy = await Proxy.start(panel.port)
})
test.afterAll(async () => {
  await proxy?.stop()
  await panel?.remove()
})

const told = (page) => page.locator('[data-console-state]')
const screen = (page) => page.locator('.xterm-rows')
const again = (page) => page.getByRole('button', { name: 'Reconnect now' })
const prompt = String.raw`\s*\/ #`

async function opened(browser, { origin = panel.origin, ...look } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, storageState: state, ...look })
  const page = await context.newPage()
  const troubles = watchConsole(page)
  await page.goto(`${origin}/clusters/${cluster}/containers/web/console`)
  await expect(told(page)).toHaveText('Connected')
  await expect(screen(page)).toContainText('/ #')
  return { context, page, troubles }
}

/** Types a command and waits for its answer and the next prompt. */
async function run(page, command, answer) {
  await page.keyboard.type(`${command}\n`)
  await expect(screen(page)).toContainText(new RegExp(`${answer}${prompt}`))
}

test('the other side sees how wide the window is, and hears of every change', async ({ browser }) => {
  const { context, page, troubles } = await opened(browser)
  const size = async () => {
    const before = await sizes(page)
    await page.keyboard.type('stty size\n')
    await expect.poll(async () => (await sizes(page)).length).toBeGreaterThan(before.length)
    return (await sizes(page)).at(-1)
  }
  const wide = await size()
  expect(wide.columns).toBeGreaterThan(100)
  await page.setViewportSize({ width: 700, height: 700 })
  await expect.poll(async () => (await size()).columns).toBeLessThan(wide.columns - 30)
  const narrow = await size()
  expect(narrow.rows).toBeLessThan(wide.rows)
  // What is told is what is drawn: as many letters as there are columns fill a row.
  await run(page, `echo ${'x'.repeat(narrow.columns)}`, 'x')
  const rows = await page.locator('.xterm-rows > div').allTextContents()
  expect(rows).toContain('x'.repeat(narrow.columns))
  await page.setViewportSize({ width: 1280, height: 900 })
  await expect.poll(async () => (await size()).columns).toBe(wide.columns)
  expect(troubles.take()).toEqual([])
  await context.close()
})

/** All that `stty size` answered and is still on the screen. */
async function sizes(page) {
  const rows = await page.locator('.xterm-rows > div').allTextContents()
  const found = rows.map((row) => /^(\d+) (\d+)\s*$/.exec(row)).filter(Boolean)
  return found.map(([, rows, columns]) => ({ rows: Number(rows), columns: Number(columns) }))
}

test('what is chosen is copied, and pasted in again', async ({ browser }) => {
  const { context, page, troubles } = await opened(browser)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: panel.origin })
  await run(page, 'echo lighthouse', 'lighthouse')
  const row = page.locator('.xterm-rows > div', { hasText: /^lighthouse\s*$/ })
  // Above the letters lies what hears of the mouse.
  const { x, y } = await row.boundingBox()
  await page.mouse.dblclick(x + 20, y + 8)
  await page.keyboard.press('Control+Shift+KeyC')
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('lighthouse')
  await page.evaluate(() => navigator.clipboard.writeText('echo from the clipboard'))
  await page.keyboard.press('Control+Shift+KeyV')
  await expect(screen(page)).toContainText(/# echo from the clipboard/)
  await run(page, '', 'from the clipboard')
  expect(troubles.take()).toEqual([])
  await context.close()
})

test('after an ending a new shell is a press away, and what was said stays', async ({ browser }) => {
  const { context, page, troubles } = await opened(browser)
  await run(page, 'echo before the end', 'before the end')
  await page.keyboard.type('exit\n')
  await expect(told(page)).toHaveText(/^The shell has ended\. The container goes on\. Open a new shell/)
  await expect(again(page)).toBeHidden()
  const renew = page.getByRole('button', { name: 'Open a new shell' })
  await renew.click()
  await expect(told(page)).toHaveText(/^Connected again, with a new shell/)
  await expect(renew).toBeHidden()
  await expect(screen(page)).toContainText('── a new shell ──')
  await expect(screen(page)).toContainText('before the end')
  // The keys go to the new one at once.
  await run(page, 'echo in the new one', 'in the new one')
  expect(troubles.take()).toEqual([])
  await context.close()
})

test('a panel that goes and comes back gives a new shell by itself', async ({ browser }) => {
  const { context, page } = await opened(browser)
  await run(page, 'echo before the cut', 'before the cut')
  await panel.kill()
  await expect(told(page)).toHaveText(/^The connection to the panel was lost\. The container goes on\./)
  await expect(again(page)).toBeVisible()
  await expect(page.locator('[data-console-count]')).toHaveText(/^Next try in \d+ s$|^Trying…$/)
  // Nothing is typed into nowhere.
  await page.locator('.console').click()
  await page.keyboard.type('echo lost\n')
  await panel.up()
  await expect(told(page)).toHaveText(/^Connected again/, { timeout: 40_000 })
  await expect(page.locator('[data-console-next]')).toBeHidden()
  await expect(screen(page)).toContainText('before the cut')
  await run(page, 'echo after it', 'after it')
  await expect(screen(page)).not.toContainText('echo lost')
  await context.close()
})

test('whoever does not want to wait presses', async ({ browser }) => {
  const { context, page } = await opened(browser, { origin: proxy.origin })
  proxy.isDown = true
  proxy.cut()
  // So many tries were in vain that the next one is far.
  await expect(page.locator('[data-console-count]')).toHaveText(/^Next try in ([4-9]|\d\d) s$/, { timeout: 30_000 })
  proxy.isDown = false
  await again(page).click()
  await expect(told(page)).toHaveText(/^Connected again/, { timeout: 3_000 })
  await expect(page.locator('.xterm-helper-textarea')).toBeFocused()
  await context.close()
})

test('a session that ended meanwhile leads to the sign-in', async ({ browser }) => {
  const { context, page } = await opened(browser)
  await panel.kill()
  await expect(again(page)).toBeVisible()
  await context.clearCookies()
  await panel.up()
  await expect(page).toHaveURL(/\/sign-in\?next=/, { timeout: 40_000 })
  await context.close()
})

test('the mode for screen readers is kept, and has the lines as text', async ({ browser }) => {
  const { context, page, troubles } = await opened(browser)
  const mode = page.getByRole('checkbox', { name: /^Screen reader mode/ })
  await expect(mode).not.toBeChecked()
  await expect(page.locator('.xterm-accessibility')).toHaveCount(0)
  await mode.check()
  await expect(page.locator('.xterm-accessibility')).toBeAttached()
  await page.reload()
  await expect(mode).toBeChecked()
  await expect(told(page)).toHaveText('Connected')
  await page.locator('.console').click()
  await run(page, 'echo read me', 'read me')
  await expect(page.locator('.xterm-accessibility-tree')).toContainText('read me')
  await mode.uncheck()
  await expect(page.locator('.xterm-accessibility')).toHaveCount(0)
  expect(troubles.take()).toEqual([])
  await context.close()
})

test('what is said of an ending is said in German, too', async ({ browser }) => {
  const context = await browser.newContext({ storageState: state, locale: 'de-DE' })
  const page = await context.newPage()
  await page.goto(`${panel.origin}/clusters/${cluster}/containers/web/console`)
  await expect(told(page)).toHaveText('Verbunden')
  await page.keyboard.type('exit\n')
  await expect(told(page)).toHaveText(/^Die Shell ist beendet\./)
  await expect(page.getByRole('button', { name: 'Neue Shell öffnen' })).toBeVisible()
  await context.close()
})
