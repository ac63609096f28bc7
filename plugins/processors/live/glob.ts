/** Returns whether a text is of a form in which `*` stands for any text. It takes time in proportion to both. */
export function isLike(form: string, text: string): boolean {
  const [first = '', ...parts] = form.split('*');
  const last = parts.pop();
  if (last === undefined) return text === form;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
