import type { Status } from "../core/report.ts";

/** How text is set off. Words carry the meaning; colour only repeats it. */
export interface Style {
  readonly status: (status: Status, text: string) => string;
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
}

const plain = (text: string) => text;
export const PLAIN_STYLE: Style = { status: (_status, text) => text, strong: plain, dim: plain };
