import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { OpsError } from "../../src/core/error.ts";

describe("the machine's clock", () => {
  it("tells the time, moved by an offset", () => {
    const before = Date.now();
    const [plain, moved] = [systemClock().now().getTime(), systemClock(3_600_000).now().getTime()];
    const after = Date.now();
    expect(plain).toBeGreaterThanOrEqual(before);
    expect(plain).toBeLessThanOrEqual(after);
    expect(moved - 3_600_000).toBeGreaterThanOrEqual(before);
    expect(moved - 3_600_000).toBeLessThanOrEqual(after);
  });

  it("sleeps", async () => {
    await systemClock().sleep(1);
    await systemClock().sleep(1, new AbortController().signal);
  });

  it.each(["before", "during"])("stops sleeping when told %s it", async (when) => {
    const controller = new AbortController();
    if (when === "before") controller.abort();
    const sleep = systemClock().sleep(600_000, controller.signal);
    controller.abort();
    const error: unknown = await sleep.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpsError);
    expect(error).toMatchObject({ kind: "aborted" });
  });
});
