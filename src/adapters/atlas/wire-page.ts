/** A page of a list as Atlas writes it. */
import * as z from "zod/mini";

const page = z.object({
  results: z.array(z.record(z.string(), z.unknown())),
  links: z.nullish(z.array(z.object({ rel: z.nullish(z.string()) }))),
  totalCount: z.nullish(z.int()),
});

/** null: it is none. */
export function readPage(answer: unknown): z.output<typeof page> | null {
  const parsed = z.safeParse(page, answer);
  return parsed.success ? parsed.data : null;
}
