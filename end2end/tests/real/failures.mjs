// What breaks below the panel and at it, as whoever looks at a page meets it.
import { expect, test } from '@playwright/test'
import { libvirtdAway, libvirtdBack } from '../../lib/host.mjs'
import { real } from '../../lib/real.mjs'

export function failures() {
  test('the hosts page says how the machine is, and drains it', async () => {
    const { ada, ada: { page } } = real
    await ada.open('/hosts')
    const host = page.locator('.host')
    await expect(host.locator('.host-segments')).toContainText('marina')
    await expect(host.getByRole('row', { name: /marina/ })).toHaveCount(2)
    await expect(host.getByRole('row', { name: /marina/ }).first()).toContainText(/\d+(\.\d+)? (MiB|GiB)/)
    await expect(host).toContainText(/Memory promised\s*4(\.0)? GiB/)
    await ada.press('Examine now')
    await expect(host.locator('.findings')).toContainText(/Examined/)
    await expect(host.locator('.findings details summary')).toContainText(/\d+ things are as they should be/)
    await expect(host.locator('.findings .badge.bad')).toHaveCount(0)
    await ada.press('Drain')
    await expect(host.locator('.host-drain')).toContainText('no new clusters')
    await ada.create('stranded', 1)
    await expect(page.getByRole('alert')).toContainText('No host takes new clusters')
    await ada.troubles.forgive(/409/)
    await ada.open('/hosts')
    await ada.press('Take clusters again')
    await expect(page.getByRole('button', { name: 'Drain' })).toBeVisible()
  })

  test('libvirt is down: what that means and what is to do, and that what runs goes on', async () => {
    const { ada, ada: { page }, docker } = real
    await libvirtdAway()
    try {
      real.patient = await real.make('patient', 1)
      const panel = page.locator('.status-panel')
      await expect(panel.locator('.reason')).toContainText('host local cannot be reached', { timeout: 30_000 })
      await expect(panel.locator('.advice')).toContainText('What runs there goes on, and Docker answers as before; only changes wait.')
      await expect(panel.locator('.advice')).toContainText('as soon as the machine answers, the panel goes on by itself')
      await panel.getByRole('link', { name: 'Look at the hosts' }).click()
      await expect(page.locator('.host .badge').first()).toHaveText('away')
      expect(await docker.ok(['run', '--rm', 'busybox', '/bin/echo', 'still here'])).toBe('still here')
      await ada.at('/containers')
      await expect(ada.row('lighthouse')).toBeVisible()
      await ada.open(`/clusters/${real.patient}`)
      await ada.mark()
    } finally {
      await libvirtdBack()
    }
    // By itself, and told where one looks.
    await expect(ada.badge('active')).toBeVisible({ timeout: 60_000 })
    await expect(page.locator('.reason')).toBeHidden()
    await ada.isUntouched()
    await ada.open('/hosts')
    await expect(page.locator('.host .badge').first()).not.toHaveText('away', { timeout: 20_000 })
  })

  test('the panel is restarted in the middle of a creation, and the page sees it through', async () => {
    const { ada, ada: { page }, panel } = real
    real.midway = await real.make('midway', 1)
    await ada.awake()
    await ada.mark()
    await expect(ada.badge('active')).toHaveCount(0)
    await panel.kill()
    await panel.up()
    await expect(ada.badge('active')).toBeVisible({ timeout: 60_000 })
    await ada.isUntouched()
    await ada.open(`/clusters/${real.midway}/changes`)
    await expect(page.locator('main')).not.toContainText('in progress')
    // While there was no panel, the browser said so.
    await ada.troubles.forgive(/ERR_CONNECTION_REFUSED|Failed to load resource|ERR_INCOMPLETE/)
  })
}
