// Makes a picture of a page smaller: a palette of at most 256 colours instead of three bytes a pixel.
// Pages have few colours; what letters' edges have besides goes to the nearest one.
import { readFile, writeFile } from 'node:fs/promises'
import zlib from 'node:zlib'

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** Writes the file anew, unless it is no smaller. */
export async function smaller(file) {
  const before = await readFile(file)
  const { width, height, pixels } = decode(before)
  const { palette, indexes } = reduce(pixels)
  const after = encode(width, height, palette, indexes)
  if (after.length < before.length) await writeFile(file, after)
}

/** Eight bits a channel, not interlaced: what browsers write. Pixels are numbers 0xrrggbb. */
function decode(file) {
  let at = signature.length
  let head
  const data = []
  while (at < file.length) {
    const length = file.readUInt32BE(at)
    const kind = file.toString('latin1', at + 4, at + 8)
    const body = file.subarray(at + 8, at + 8 + length)
    if (kind === 'IHDR') head = body
    if (kind === 'IDAT') data.push(body)
    at += length + 12
  }
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)]
  const bytes = { 2: 3, 6: 4 }[head[9]]
  if (head[8] !== 8 || !bytes || head[12] !== 0) throw new Error('no picture as browsers write them')
  const raw = zlib.inflateSync(Buffer.concat(data))
  const pixels = new Uint32Array(width * height)
  const row = width * bytes
  let above = Buffer.alloc(row)
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (row + 1)]
    const line = raw.subarray(y * (row + 1) + 1, (y + 1) * (row + 1))
    for (let x = 0; x < row; x++) {
      const left = x >= bytes ? line[x - bytes] : 0
      const corner = x >= bytes ? above[x - bytes] : 0
      line[x] += [0, left, above[x], (left + above[x]) >> 1, paeth(left, above[x], corner)][filter]
    }
    for (let x = 0; x < width; x++) {
      const from = x * bytes
      pixels[y * width + x] = (line[from] << 16) | (line[from + 1] << 8) | line[from + 2]
    }
    above = line
  }
  return { width, height, pixels }
}

function paeth(left, above, corner) {
  const guess = left + above - corner
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)]
  return a <= b && a <= c ? left : b <= c ? above : corner
}

const channels = (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]

/** The most frequent colours that are not too near to one another, and for every pixel the nearest. */
function reduce(pixels) {
  const counts = new Map()
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1)
  const colours = [...counts].sort((a, b) => b[1] - a[1]).map(([colour]) => colour)
  let palette = colours
  for (let apart = 2; palette.length > 256; apart += 2) {
    palette = []
    for (const colour of colours) {
      if (palette.every((other) => distance(colour, other) > apart * apart)) palette.push(colour)
      if (palette.length > 256) break
    }
  }
  const nearest = new Map()
  for (const colour of colours) {
    let best = 0
    for (let n = 1; n < palette.length; n++) {
      if (distance(colour, palette[n]) < distance(colour, palette[best])) best = n
    }
    nearest.set(colour, best)
  }
  return { palette, indexes: Uint8Array.from(pixels, (pixel) => nearest.get(pixel)) }
}

function distance(one, other) {
  const [r, g, b] = channels(one).map((value, n) => value - channels(other)[n])
  return r * r + g * g + b * b
}

function encode(width, height, palette, indexes) {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 3, 0, 0, 0], 8)
  const raw = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++) raw.set(indexes.subarray(y * width, (y + 1) * width), y * (width + 1) + 1)
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('PLTE', Buffer.from(palette.flatMap(channels))),
    chunk('IDAT', zlib.deflateSync(raw, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(kind, body) {
  const all = Buffer.alloc(body.length + 12)
  all.writeUInt32BE(body.length, 0)
  all.write(kind, 4, 'latin1')
  body.copy(all, 8)
  all.writeUInt32BE(zlib.crc32?.(all.subarray(4, -4)) ?? crc(all.subarray(4, -4)), all.length - 4)
  return all
}

function crc(bytes) {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let k = 0; k < 8; k++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
  }
  return (sum ^ 0xffffffff) >>> 0
}
