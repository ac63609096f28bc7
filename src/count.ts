/** Returns a count with its noun, such as `1 run` and `2 runs`. */
export function countOf(count: number | bigint, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
