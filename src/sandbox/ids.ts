/** Names made from names: everything that looks random in a world is a digest of what it stands for. */
import { hash } from "node:crypto";

/** 24 hexadecimal digits; like Atlas's they begin with the second of birth. */
export function objectId(atMs: number, ...parts: readonly string[]): string {
  const second = Math.floor(atMs / 1000)
    .toString(16)
    .padStart(8, "0")
    .slice(-8);
  return second + digest(parts).slice(0, 16);
}

export function uuid(...parts: readonly string[]): string {
  const hex = digest(parts);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A number in 0..1 that depends on an id made here and nothing else. */
export function jitter(id: string): number {
  return Number.parseInt(id.slice(-8), 16) / 0xffffffff;
}

function digest(parts: readonly string[]): string {
  return hash("sha256", parts.join("/"), "hex");
}
