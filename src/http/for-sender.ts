/** What names other servers in a message: URLs, and what the system and TLS say of addresses and names. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s,;"'`<>]*[^\s,;:."'`<>)\]]/gi, 'a server'],
  [/\b(connect|getaddrinfo|read|write|query[A-Za-z]*) (E[A-Z_]{2,}) [^\s,;]+/g, '$1 $2'],
  [/(certificate's altnames):.*$/gms, '$1'],
  [/(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?![\w.])/g, 'a server'],
  [/\[(?:[0-9a-f]*:){2,}[0-9a-f.]*\](?::\d+)?/gi, 'a server'],
];

/** Returns a message as those may see it who send data: without what says where other servers are. */
export function forSender(message: string): string {
  return PLACES.reduce((shown, [place, instead]) => shown.replace(place, instead), message);
}
