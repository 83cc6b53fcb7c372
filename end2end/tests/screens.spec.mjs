// `make screens`: a picture of every page into docs/screens/, for the README and the guide. No part of
// `make test`: the pictures would differ by every name and time in them.
import { expect, test } from '@playwright/test'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Keyboard } from '../lib/keyboard.mjs'
import { Pages } from '../lib/pages.mjs'
import { smaller } from '../lib/png.mjs'
import { pages } from '../lib/routes.mjs'
import { ok, root, until } from '../lib/run.mjs'
import { Showcase } from '../lib/showcase.mjs'

test.describe.configure({ mode: 'serial', timeout: 600_000 })
test.use({ trace: 'off' })

const folder = path.join(root, 'docs/screens')
const wide = { width: 1280, height: 800 }
const narrow = { width: 390, height: 844 }
/** Below that a picture is cut. */
const heightMost = { 1280: 1400, 390: 1100 }

/** Also on a phone, and also in the dark. */
const onPhone = ['sign-in', 'clusters', 'cluster', 'cluster-new', 'containers', 'logs', 'access', 'metrics-day']
const inDark = ['sign-in', 'clusters', 'cluster', 'metrics-day', 'logs', 'console']

let showcase
test.beforeAll(async () => {
  test.setTimeout(300_000)
  await mkdir(folder, { recursive: true })
  for (const old of await readdir(folder)) if (old.endsWith('.png')) await rm(path.join(folder, old))
  showcase = await Showcase.start({ pool: '10.91.0.0/16' })
  // Its series are there with the first minute's rows.
  await until('a first minute of measurements', async () => {
    const database = path.join(showcase.panel.dir, 'data/carina.db')
    await ok('python3', ['lib/history.py', database, showcase.cluster])
    return true
  }, { timeout: 150_000, every: 5_000 })
})
test.afterAll(() => showcase?.remove())

async function tabFor(browser, as, look) {
  const context = await browser.newContext({ ...look, storageState: showcase.states[as] })
  return { context, tab: await context.newPage() }
}

async function shoot(tab, name) {
  await expect(tab.locator('html.awake')).toBeAttached()
  const { width } = tab.viewportSize()
  const high = await tab.evaluate(() => document.documentElement.scrollHeight)
  const clip = { x: 0, y: 0, width, height: Math.min(high, heightMost[width]) }
  const file = path.join(folder, `${name}.png`)
  await tab.screenshot({ path: file, fullPage: true, clip, caret: 'initial', animations: 'disabled' })
  await smaller(file)
}

async function shootAll(browser, names, look, tail) {
  for (const as of Object.keys(showcase.states)) {
    const { context, tab } = await tabFor(browser, as, look)
    for (const page of pages.filter((page) => (page.as ?? 'administrator') === as && !page.status && names(page.name))) {
      await tab.goto(showcase.address(page))
      if (page.name === 'console') await typed(tab)
      await shoot(tab, page.name + tail)
    }
    await context.close()
  }
}

async function typed(tab) {
  await expect(tab.locator('[data-console-state]')).toHaveText('Connected')
  await tab.keyboard.type('echo hello from the container\n')
  await expect(tab.locator('.xterm-rows')).toContainText(/hello from the container\s*\/ #/)
}

test('every page', async ({ browser }) => {
  await shootAll(browser, () => true, { colorScheme: 'light', viewport: wide }, '')
})

test('on a phone', async ({ browser }) => {
  await shootAll(browser, (name) => onPhone.includes(name), { colorScheme: 'light', viewport: narrow }, '-phone')
})

test('in the dark', async ({ browser }) => {
  await shootAll(browser, (name) => inDark.includes(name), { colorScheme: 'dark', viewport: wide }, '-dark')
})

test('what comes and goes', async ({ browser }) => {
  const { context, tab } = await tabFor(browser, 'administrator', { colorScheme: 'light', viewport: wide })
  const keys = new Keyboard(tab)
  const person = new Pages(tab, showcase.panel)
  await person.go('/people/invite')
  await tab.getByLabel('For whom').fill('Margaret, guidance')
  await tab.getByRole('button', { name: 'Make the link' }).click()
  await expect(tab.getByText('The invitation is made.')).toBeVisible()
  await shoot(tab, 'invitation-made')
  await person.go('/account/tokens')
  await tab.getByLabel('What it is for').fill('nightly report')
  await tab.getByRole('button', { name: 'Make the token' }).click()
  await expect(tab.getByText('Your new token')).toBeVisible()
  await shoot(tab, 'token-made')
  await person.go(`/clusters/${showcase.cluster}/scale`)
  await tab.getByLabel('2 segments').check()
  await keys.to(tab.getByLabel('2 segments'))
  await shoot(tab, 'scale-down')
  await person.created('lighthouse', 2)
  await expect(tab.getByRole('heading', { name: /^What (is happening|happened)$/ })).toBeVisible()
  await shoot(tab, 'building')
  await context.close()
})

test('a page with all of them', async () => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.png')).map((name) => name.slice(0, -4)).sort()
  const forms = ['-phone', '-dark']
  const plain = names.filter((name) => !forms.some((form) => name.endsWith(form)))
  const picture = (name) => names.includes(name) ? `[![${name}](${name}.png)](${name}.png)` : ''
  const rows = plain.map((name) => `| ${name} | ${['', '-dark', '-phone'].map((form) => picture(name + form)).join(' | ')} |`)
  const text = `# Every page

Written by \`make screens\` with the pictures.

| page | light | dark | on a phone |
|---|---|---|---|
${rows.join('\n')}
`
  await writeFile(path.join(folder, 'README.md'), text)
})
