import { createHash } from 'node:crypto';
import type { Proposal } from './advice.ts';

/** Returns a name as a part of an id: letters, digits, `_` and `.`, with `-` for whatever else it has. */
export function idPart(name: string): string {
  return name.replace(/[^\w.]+/g, '-');
}

/** Returns proposals of which no two have the same id: those that do get some digits of what their titles hash to. */
export function withOwnIds(proposals: readonly Proposal[]): Proposal[] {
  const byId = Map.groupBy(proposals, ({ id }) => id);
  const distinct = proposals.map((proposal) => {
    const isAlone = byId.get(proposal.id)?.length === 1;
    return isAlone ? proposal : { ...proposal, id: `${proposal.id}-${digitsOf(proposal.title)}` };
  });
  const seen = new Map<string, number>();
  return distinct.map((proposal) => {
    const times = (seen.get(proposal.id) ?? 0) + 1;
    seen.set(proposal.id, times);
    return times === 1 ? proposal : { ...proposal, id: `${proposal.id}-${times}` };
  });
}

function digitsOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 6);
}
