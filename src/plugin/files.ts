/** The files that any of the globs matches and no `exclude` does, as absolute paths by name; globs start from `directory`. */
export async function findFiles(
  include: readonly string[],
  directory: string,
  exclude: readonly string[] = [],
): Promise<string[]> {
  if (include.length === 0) return [];
  const { glob } = await import('tinyglobby');
  const options = { cwd: directory, absolute: true, expandDirectories: false, ignore: exclude.map(withoutDot) };
  return (await glob(include.map(withoutDot), options)).sort();
}

/** The glob library takes `./` at the start for the name of a folder. */
function withoutDot(pattern: string): string {
  return pattern.replace(/^\.\//, '');
}
