// Deploy, scale, delete and the rest of the day with Tab, Enter, arrows and typing alone; and the looks
// of those who ask their system for more contrast, its own colours, or less motion.
import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { Keyboard } from '../lib/keyboard.mjs'
import { Pages } from '../lib/pages.mjs'
import { account } from '../lib/panel.mjs'
import { Showcase } from '../lib/showcase.mjs'
import { watchConsole } from '../lib/watch.mjs'

test.describe.configure({ mode: 'serial' })
test.use({ viewport: { width: 1280, height: 800 } })

let showcase
test.beforeAll(async () => {
  showcase = await Showcase.start({ pool: '10.89.0.0/16' })
})
test.afterAll(() => showcase?.remove())

/** Awake pages alone: what is pressed before is the browser's own form. */
const awake = (page) => expect(page.locator('html.awake')).toBeAttached()

test('deploy, scale and delete without a mouse', async ({ page }) => {
  const troubles = watchConsole(page)
  const keys = new Keyboard(page)
  const person = new Pages(page, showcase.panel)
  const link = (name) => page.getByRole('link', { name })
  const button = (name) => page.getByRole('button', { name })

  await page.goto(`${showcase.panel.origin}/sign-in`)
  await awake(page)
  await expect(page.getByLabel('Name')).toBeFocused()
  await page.keyboard.type(account.name)
  await keys.type(page.getByLabel('Password'), account.password)
  await page.keyboard.press('Enter')
  await expect(person.heading('Clusters')).toBeVisible()
  await awake(page)

  // The first stop of a page leads past what all pages have.
  await page.keyboard.press('Tab')
  await expect(link('Skip to the content')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.locator('main')).toBeFocused()

  await keys.press(link(/Add cluster/))
  await expect(person.heading('Add cluster')).toBeVisible()
  await awake(page)
  await expect(page.getByLabel('Cluster name')).toBeFocused()
  await keys.type(page.getByLabel('Cluster name'), 'Keys Only')
  await keys.press(button('Create cluster'))
  await expect(page.getByLabel('Cluster name')).toBeFocused()
  await expect(page.getByLabel('Cluster name')).toHaveAttribute('aria-invalid', 'true')
  await troubles.forgive(/422/)
  await keys.type(page.getByLabel('Cluster name'), 'keys-only')
  await keys.to(page.getByLabel('1 segment'))
  await page.keyboard.press('ArrowRight')
  await expect(page.getByLabel('2 segments')).toBeChecked()
  await keys.press(button('Create cluster'))
  await expect(person.heading('keys-only')).toBeVisible()
  await awake(page)

  // Redrawn again and again while it is being made, the page leaves the focus where it is.
  const gear = page.getByLabel('Manage keys-only')
  await keys.to(gear)
  await expect(person.badge('active')).toBeVisible({ timeout: 30_000 })
  await expect(gear).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(link('Scale')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(link('Scale')).toBeHidden()
  await expect(gear).toBeFocused()

  await page.keyboard.press('Enter')
  await keys.press(link('Scale'))
  await expect(person.heading('Scale keys-only')).toBeVisible()
  await awake(page)
  await keys.to(page.getByLabel('2 segments'))
  await page.keyboard.press('ArrowRight')
  await keys.press(button('Add 1 segment'))
  await expect(person.heading('keys-only')).toBeVisible()
  await awake(page)
  await expect(page.getByRole('region', { name: 'Segments' }).getByRole('row')).toHaveCount(4)
  await expect(person.badge('active')).toBeVisible({ timeout: 30_000 })

  await keys.press(gear)
  await keys.press(link('Delete'))
  await expect(person.heading('Delete keys-only')).toBeVisible()
  await awake(page)
  const name = page.getByLabel('Type keys-only to confirm')
  await keys.type(name, 'keys')
  await page.keyboard.press('Enter')
  await expect(page.locator('#confirm_name-error')).not.toBeEmpty()
  await expect(name).toBeFocused()
  await troubles.forgive(/422/)
  await keys.type(name, 'keys-only')
  await page.keyboard.press('Enter')
  await expect(person.heading('Clusters')).toBeVisible()
  await expect(link('keys-only')).toBeHidden({ timeout: 20_000 })
  expect(troubles.take()).toEqual([])
})

test('a change leaves the focus where one can go on', async ({ browser }) => {
  const context = await browser.newContext({ storageState: showcase.states.administrator })
  const page = await context.newPage()
  const keys = new Keyboard(page)
  const cluster = `${showcase.panel.origin}/clusters/${showcase.cluster}`

  // Done in place: the button says something else now.
  await page.goto(`${cluster}/containers/queue`)
  await awake(page)
  await keys.press(page.getByRole('button', { name: 'Stop' }))
  await expect(page.getByText('The container was stopped.')).toBeVisible()
  await keys.isKept()
  await keys.press(page.getByRole('button', { name: 'Start' }))
  await expect(page.getByText('The container was started.')).toBeVisible()
  await keys.isKept()

  // The row goes, and its button with it: the answer has the focus.
  await page.goto(`${cluster}/volumes`)
  await awake(page)
  const row = page.getByRole('row', { name: /^old-uploads/ })
  await keys.press(row.locator('summary'))
  await keys.press(row.getByRole('button', { name: 'Remove' }))
  await expect(page.getByText('It was removed.')).toBeVisible()
  await keys.isKept()
  await expect(page.locator('p.done')).toBeFocused()
  await context.close()
})

test('the terminal can be left by the keyboard', async ({ browser }) => {
  const context = await browser.newContext({ storageState: showcase.states.administrator })
  const page = await context.newPage()
  await page.goto(`${showcase.panel.origin}/clusters/${showcase.cluster}/containers/web/console`)
  await expect(page.locator('[data-console-state]')).toHaveText('Connected')
  await expect(page.locator('.xterm-helper-textarea')).toBeFocused()
  await page.keyboard.press('Control+Shift+E')
  await expect(page.getByLabel('Shell')).toBeFocused()
  await context.close()
})

const modes = () => ['/clusters', `/clusters/${showcase.cluster}`, `/clusters/${showcase.cluster}/metrics`, '/clusters/new']

for (const colorScheme of ['light', 'dark']) {
  test(`more contrast, ${colorScheme}: text stands out by seven to one`, async ({ browser }) => {
    const context = await browser.newContext({ storageState: showcase.states.administrator, colorScheme, contrast: 'more' })
    const page = await context.newPage()
    for (const path of modes()) {
      await page.goto(showcase.panel.origin + path)
      await awake(page)
      const { violations } = await new AxeBuilder({ page }).withRules(['color-contrast-enhanced']).setLegacyMode(true).analyze()
      const nodes = violations.flatMap((rule) => rule.nodes.map((node) => `${node.target}: ${node.any[0]?.message}`))
      expect(nodes, path).toEqual([])
    }
    await context.close()
  })
}

test("the system's own colours: what is filled, chosen or here is still told apart", async ({ browser }) => {
  const context = await browser.newContext({ storageState: showcase.states.administrator, forcedColors: 'active' })
  const page = await context.newPage()
  const style = (selector, property) => page.locator(selector).first().evaluate(
    (element, property) => getComputedStyle(element)[property], property)
  await page.goto(`${showcase.panel.origin}/clusters/${showcase.cluster}`)
  await awake(page)
  expect(await style('.slots-bar i.good', 'backgroundColor')).not.toBe(await style('body', 'backgroundColor'))
  expect(await style('.slots-bar i.good', 'borderTopStyle')).toBe('solid')
  expect(await style('.cluster-nav [aria-current]', 'borderBottomColor'))
    .not.toBe(await style('.cluster-nav a:not([aria-current])', 'borderBottomColor'))
  expect(await style('.bar', 'borderTopWidth')).toBe('1px')
  await page.goto(`${showcase.panel.origin}/clusters/new`)
  expect(await style('.choice:has(:checked)', 'borderTopColor')).not.toBe(await style('.choice:not(:has(:checked))', 'borderTopColor'))
  await context.close()
})

test('less motion: nothing moves, not even while a cluster is being made', async ({ browser }) => {
  const context = await browser.newContext({ storageState: showcase.states.administrator, reducedMotion: 'reduce' })
  const page = await context.newPage()
  const person = new Pages(page, showcase.panel)
  const moving = () => page.evaluate(() => document.getAnimations().length)
  const id = await person.created('still', 1)
  await expect(person.badge(/building|new/)).toBeVisible()
  expect(await moving()).toBe(0)
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  await expect.poll(moving, 'the test itself sees what moves').toBeGreaterThan(0)
  await person.status(id)
  await page.goto(`${showcase.panel.origin}/sign-in`)
  await context.close()
})
