// A person who has a keyboard and no mouse, and looks where they are at every stop.
import { expect } from '@playwright/test'

/** More stops than any page has before what is looked for. */
const stopsMost = 80

export class Keyboard {
  constructor(page) {
    this.page = page
  }

  /** Tab by Tab until the focus is at `wanted`; every stop on the way can be seen. */
  async to(wanted) {
    for (let stop = 0; stop < stopsMost; stop++) {
      if (await wanted.evaluateAll((all) => all.includes(document.activeElement))) return
      await this.page.keyboard.press('Tab')
      const here = await this.here()
      if (here.isNowhere) continue // round the end of the page, by way of the browser's own
      expect(here.isSeen, `where the focus is can be seen at ${here.what}`).toBe(true)
    }
    throw new Error(`no Tab leads to ${wanted}`)
  }

  async press(wanted, key = 'Enter') {
    await this.to(wanted)
    await this.page.keyboard.press(key)
  }

  async type(wanted, text) {
    await this.to(wanted)
    await this.page.keyboard.press('ControlOrMeta+a')
    await this.page.keyboard.type(text)
  }

  /** Where the focus is, and whether a person would see that it is there. */
  here() {
    return this.page.evaluate(() => {
      const active = document.activeElement
      if (!active || active === document.body) return { isNowhere: true, what: 'nothing' }
      const ring = (one) => one && getComputedStyle(one).outlineStyle !== 'none' && parseFloat(getComputedStyle(one).outlineWidth) >= 2
      const box = active.getBoundingClientRect()
      const isInside = box.bottom > 0 && box.top < innerHeight && box.width > 0 && box.height > 0
      // A block of the picture shows it by its edge, which others have thin and in another colour.
      const edge = (one) => { const { stroke, strokeWidth } = getComputedStyle(one); return { stroke, width: parseFloat(strokeWidth) } }
      const isDrawn = () => {
        const own = active.querySelector('rect')
        const other = own && [...active.closest('svg').querySelectorAll('rect')].find((one) => !active.contains(one))
        if (!other) return false
        return edge(own).stroke !== 'none' && edge(own).stroke !== edge(other).stroke && edge(own).width >= 2 && edge(own).width > edge(other).width
      }
      const isSeen = isInside && (active.closest('svg') ? isDrawn() : Boolean(ring(active) || ring(active.closest('.choice'))))
      const what = `${active.nodeName.toLowerCase()} “${(active.getAttribute('aria-label') ?? active.textContent).trim().slice(0, 40)}”`
      return { isNowhere: false, isSeen, what }
    })
  }

  /** After a change the focus is somewhere a person can go on from. */
  async isKept() {
    const here = await this.here()
    expect(here.isNowhere, 'the focus was lost').toBe(false)
  }
}
