/** What an operation of AWS's small services is given, and what it gives. */
import type { Refusal } from "./aws-wire.ts";
import type { AwsState, Words } from "./watch.ts";

export interface AwsAsk {
  readonly aws: AwsState;
  readonly nowMs: number;
  /** Of a request in JSON, all of it; of a form, its fields. */
  readonly input: Words;
}

/** An answer's content, with what becomes of AWS by it; absent: it stays as it is. */
export interface Done {
  readonly result: Words;
  readonly aws?: AwsState;
}

export interface AwsOperation {
  readonly changes: boolean;
  /** The fields that it knows, those of a form's lists by the name of the list: what is not looked at is refused. */
  readonly fields: readonly string[];
  readonly carryOut: (ask: AwsAsk) => Done | Refusal;
}

export type AwsOperations = Readonly<Record<string, AwsOperation>>;

/** What the credentials may do. */
export interface Rights {
  readonly denied: readonly string[];
  readonly mayWrite: boolean;
}

/** How one service names what goes wrong with any of its operations. */
export interface ServiceNames {
  /** As IAM policies write it: `sns`. */
  readonly prefix: string;
  readonly operations: AwsOperations;
  readonly unknownOperation: string;
  readonly forbidden: string;
  readonly badField: string;
}

/** One operation by its name, unless somebody may not. */
export function perform(names: ServiceNames, name: string, ask: AwsAsk, rights: Rights): Done | Refusal {
  const operation = Object.hasOwn(names.operations, name) ? names.operations[name] : undefined;
  if (operation === undefined) return refusal(names.unknownOperation, `The sandbox has no ${name}.`);
  const action = `${names.prefix}:${name}`;
  if (rights.denied.includes(action) || (operation.changes && !rights.mayWrite)) {
    return { status: 403, code: names.forbidden, message: `The sandbox does not allow ${action}.` };
  }
  const strange = Object.keys(ask.input).find((field) => !operation.fields.includes(field.split(".")[0] ?? ""));
  if (strange !== undefined) return refusal(names.badField, `The sandbox knows no ${strange} of ${name}.`);
  return operation.carryOut(ask);
}

export function refusal(code: string, message: string, status = 400): Refusal {
  return { status, code, message };
}

/** One page of `items` behind the place that a token names; null: the token is none of ours. */
export function pageAfter<T>(
  items: readonly T[],
  token: unknown,
  size: number,
): { readonly page: readonly T[]; readonly next: string | undefined } | null {
  const start = token === undefined ? 0 : placeOf(token);
  if (start === null || start > items.length) return null;
  const end = start + size;
  return { page: items.slice(start, end), next: end < items.length ? tokenOf(end) : undefined };
}

function tokenOf(place: number): string {
  return Buffer.from(`sandbox page ${place}`).toString("base64");
}

function placeOf(token: unknown): number | null {
  const place = /^sandbox page (\d{1,9})$/.exec(Buffer.from(String(token), "base64").toString())?.[1];
  return place === undefined ? null : Number(place);
}
