// What is on a cluster, its containers first: looked for, made, changed and removed on the pages, on
// simulated segments, with script and without it.
import { expect, test } from '@playwright/test'
import { furnished } from '../lib/furnished.mjs'
import { watchConsole } from '../lib/watch.mjs'

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.describe.configure({ mode: 'serial' })

    let panel, state, cluster
    test.beforeAll(async ({ browser }) => {
      ({ panel, state, cluster } = await furnished(browser, { name: 'showcase', segments: 3 }))
    })
    test.afterAll(() => panel?.remove())

    const awake = (page) => javaScriptEnabled && expect(page.locator('html.awake')).toBeAttached()

    async function visitor(browser) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, storageState: state, javaScriptEnabled })
      const page = await context.newPage()
      return { context, page, troubles: watchConsole(page, { warnings: javaScriptEnabled }) }
    }

    test('a container is stopped, started, and its secrets are shown on demand', async ({ browser }) => {
      const { context, page, troubles } = await visitor(browser)
      await page.goto(`${panel.origin}/clusters/${cluster}/containers?state=running`)
      await awake(page)
      await page.getByLabel('Name or image').fill('redis')
      await page.getByRole('button', { name: 'Filter' }).click()
      await expect(page).toHaveURL(/name=redis&state=running/)
      await expect(page.getByRole('link', { name: 'web', exact: true })).toBeHidden()
      await page.getByRole('link', { name: 'queue', exact: true }).click()
      await expect(page.locator('.status-panel')).toContainText('running')
      await awake(page)
      await page.getByRole('button', { name: 'Stop' }).click()
      await expect(page.getByText('The container was stopped.')).toBeVisible()
      await expect(page.locator('.status-panel')).toContainText('exited')
      await page.getByRole('button', { name: 'Start' }).click()
      await expect(page.getByText('The container was started.')).toBeVisible()
      await expect(page.locator('main')).not.toContainText('open sesame')
      await page.getByRole('button', { name: 'Show values' }).click()
      await expect(page.getByText('open sesame <simulated>')).toBeVisible()
      expect(troubles.take()).toEqual([])
      await context.close()
    })

    test('what is used stays, what is not is removed', async ({ browser }) => {
      const { context, page, troubles } = await visitor(browser)
      const remove = async (path, name) => {
        await page.goto(`${panel.origin}/clusters/${cluster}/${path}`)
        await awake(page)
        const row = page.getByRole('row', { name: new RegExp(`^${name}`) })
        await row.locator('summary').click()
        await row.getByRole('button', { name: 'Remove' }).click()
        return row
      }
      const used = await remove('volumes', 'web-data')
      await expect(page.getByRole('alert')).toContainText('in use by web')
      await expect(used).toBeVisible()
      await expect(await remove('volumes', 'old-uploads')).toBeHidden()
      await expect(page.getByText('It was removed.')).toBeVisible()
      await page.goto(`${panel.origin}/clusters/${cluster}/images`)
      await awake(page)
      await page.getByRole('button', { name: 'Remove those without a name' }).click()
      await expect(page.getByText('Tidied up: 83 MiB are free again.')).toBeVisible()
      await page.goto(`${panel.origin}/clusters/${cluster}/services`)
      await awake(page)
      await page.getByLabel('Replicas').fill('4')
      await page.getByRole('button', { name: 'Change' }).click()
      // Without script whoever waits looks again.
      await expect(async () => {
        if (!javaScriptEnabled) await page.reload()
        await expect(page.getByText('4 of 4 run')).toBeVisible({ timeout: 1_000 })
      }).toPass({ timeout: 20_000 })
      await troubles.forgive(/409/)
      expect(troubles.take()).toEqual([])
      await context.close()
    })

    test('lists are filtered by their addresses, and things are made where they are listed', async ({ browser }) => {
      const { context, page, troubles } = await visitor(browser)
      const open = async (path) => {
        await page.goto(`${panel.origin}/clusters/${cluster}/${path}`)
        await awake(page)
      }
      const row = (name) => page.getByRole('row', { name: new RegExp(`^${name}`) })
      /** A form below its heading; it stays open when it was. */
      const form = async (heading) => {
        const details = page.locator('details.make', { hasText: heading })
        if (await details.getAttribute('open') === null) await details.locator('summary').click()
      }
      await open('volumes')
      await page.locator('select[name=use]').selectOption('unused')
      await page.getByRole('button', { name: 'Filter' }).click()
      await expect(page).toHaveURL(/use=unused/)
      await expect(row('web-data')).toBeHidden()
      await open('volumes?name=nobody')
      await expect(page.getByText('Nothing is like that.')).toBeVisible()

      await open('volumes')
      await form('Create a volume')
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('no such/name')
      await page.getByRole('button', { name: 'Create' }).click()
      await expect(page.locator('#name-error')).toContainText('Use letters, digits')
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('uploads')
      await page.locator('#ordinal').selectOption('2')
      await page.getByRole('button', { name: 'Create' }).click()
      await expect(page.getByText('It was made.')).toBeVisible()
      await expect(row('uploads')).toContainText('Segment 2')

      await open('networks')
      await form('Create a network')
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('backend')
      await page.getByRole('button', { name: 'Create' }).click()
      await expect(row('backend')).toContainText('All segments')

      await open('images')
      await form('Pull an image')
      await page.getByRole('textbox', { name: 'Image', exact: true }).fill('traefik:3.5')
      await page.getByRole('button', { name: 'Pull', exact: true }).click()
      // It goes on by itself: the page is told of each step.
      const pull = page.locator('.pulls li', { hasText: 'traefik:3.5' })
      await expect(pull).toContainText('being pulled')
      await expect(pull).toContainText('on every segment', { timeout: 20_000 })
      await expect(row('traefik:3.5')).toBeVisible()
      await form('Pull an image')
      await page.getByRole('textbox', { name: 'Image', exact: true }).fill('shop/missing')
      await page.getByRole('button', { name: 'Pull', exact: true }).click()
      await expect(page.locator('.pulls li', { hasText: 'shop/missing' })).toContainText('ull access denied', { timeout: 20_000 })

      await open('stacks')
      const card = page.getByRole('region', { name: /^shop/ })
      await card.getByRole('link', { name: 'Services' }).click()
      await expect(page).toHaveURL(/services\?stack=shop/)
      await expect(page.getByText('Only the stack shop')).toBeVisible()
      await expect(page.getByRole('heading', { name: 'shop_mail' })).toBeVisible()
      await open('stacks')
      await card.getByRole('link', { name: 'Deploy again' }).click()
      await expect(page.getByLabel('Name')).toHaveValue('shop')
      await troubles.forgive(/422/)
      expect(troubles.take()).toEqual([])
      await context.close()
    })
  })
}
