import Table from 'cli-table3';

const NO_BORDERS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '' },
  ...{ 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' },
};

/** Formats rows as a table without borders; columns whose heads `isNumber` accepts are aligned to the right. */
export function plainTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  isNumber: (name: string) => boolean,
): string {
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 2 };
  const colAligns = head.map((name) => (isNumber(name) ? ('right' as const) : ('left' as const)));
  const table = new Table({ chars: NO_BORDERS, style, head: [...head], colAligns });
  for (const row of rows) table.push([...row]);
  return table.toString().replace(/ +$/gm, '');
}
