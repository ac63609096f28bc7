const SCALES: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

/**
 * Returns the bit/s that a text such as `2500k`, `5 Mbps` or `800000` states, as ffmpeg reads it; undefined where it
 * states none, or several, such as a ladder of bitrates.
 */
export function bitsPerSecond(text: string | undefined): number | undefined {
  const [, amount, scale = ''] = /^\s*(\d+(?:\.\d+)?)\s*([kmg]?)(?:b(?:it)?(?:ps|\/s)?)?\s*$/i.exec(text ?? '') ?? [];
  return amount === undefined ? undefined : Number(amount) * (SCALES[scale.toLowerCase()] as number);
}

/** Returns the number of pixels of a picture that a text such as `1920x1080` states; undefined where it states none. */
export function pixelsOf(resolution: unknown): number | undefined {
  const [, width, height] = /^\s*(\d{1,6})\s*[x×]\s*(\d{1,6})\s*$/i.exec(String(resolution ?? '')) ?? [];
  return width === undefined ? undefined : Number(width) * Number(height);
}
