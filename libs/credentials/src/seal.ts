import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { IsBase64 } from 'class-validator';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Something encrypted with AES-256-GCM; all parts in base64. */
export class Sealed {
  @IsBase64()
  iv: string;

  @IsBase64()
  ciphertext: string;

  @IsBase64()
  tag: string;
}

/** `context` is authenticated with the text and not stored: opening under another context fails. */
export function seal(key: Uint8Array, context: string, plain: Uint8Array): Sealed {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(context));
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
  return {
    iv: iv.toString('base64'),
    ciphertext: ciphertext.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
  };
}

/** Returns null when the key or the context is another one, or a bit was changed. */
export function open(key: Uint8Array, context: string, sealed: Sealed): Buffer | null {
  try {
    const decipher = createDecipheriv(ALGORITHM, key, Buffer.from(sealed.iv, 'base64'), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(Buffer.from(sealed.tag, 'base64'));
    return Buffer.concat([decipher.update(Buffer.from(sealed.ciphertext, 'base64')), decipher.final()]);
  } catch {
    // Node tells nothing more than "unable to authenticate", or that a part has a wrong length.
    return null;
  }
}
