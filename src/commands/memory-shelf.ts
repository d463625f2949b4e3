/** A chain that is kept for the length of a run: where this machine keeps none, it is still sent as one. */
import type { LocalShelf, NewRecord } from "../ports/shelf.ts";

export function memoryShelf(): LocalShelf {
  const records: NewRecord[] = [];
  const notes = new Map<string, string>();
  return {
    name: "memory",
    entries: async function* () {
      for (const { seq, text } of records.toReversed())
        yield { seq, place: `record ${seq} of this run`, tampering: null, read: async () => ({ text }) };
    },
    create: async (record) => {
      if (records.some(({ seq }) => seq === record.seq)) return "taken";
      records.push(record);
      return "created";
    },
    notes: {
      read: async (name) => notes.get(name) ?? null,
      write: async (name, text) => void notes.set(name, text),
    },
  };
}
