// A device that makes passkeys, for panels that are used without a browser: ES256, no attestation.
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'

const verified = 0x01 | 0x04
const withKey = 0x40

export class Authenticator {
  constructor(origin) {
    this.origin = origin
    this.id = randomBytes(32)
    this.publicKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
  }

  /** The answer to options for a new passkey, as a page's script sends it. */
  made({ challenge, rp }) {
    const client = JSON.stringify({ type: 'webauthn.create', challenge, origin: this.origin, crossOrigin: false })
    const data = Buffer.concat([
      createHash('sha256').update(rp.id).digest(), Buffer.from([verified | withKey]), Buffer.alloc(4), Buffer.alloc(16),
      length(this.id), this.id, this.key(),
    ])
    const attestation = Buffer.concat([
      Buffer.from('\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59', 'latin1'), length(data), data,
    ])
    const id = this.id.toString('base64url')
    return JSON.stringify({
      id, rawId: id, type: 'public-key',
      response: { clientDataJSON: Buffer.from(client).toString('base64url'), attestationObject: attestation.toString('base64url') },
      clientExtensionResults: { credProps: { rk: true } },
    })
  }

  /** As COSE has it: kty EC2, alg ES256, crv P-256, x, y. */
  key() {
    const { x, y } = this.publicKey.export({ format: 'jwk' })
    const part = (name, text) => Buffer.concat([Buffer.from([name, 0x58, 0x20]), Buffer.from(text, 'base64url')])
    return Buffer.concat([Buffer.from([0xa5, 1, 2, 3, 0x26, 0x20, 1]), part(0x21, x), part(0x22, y)])
  }
}

function length(bytes) {
  const two = Buffer.alloc(2)
  two.writeUInt16BE(bytes.length)
  return two
}
