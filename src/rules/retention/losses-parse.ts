/** `--assume-lost region=ap-south-1,key=arn:aws:kms:...`: only what there is can be lost, for a typing error would lose nothing. */
import { OpsError } from "../../core/error.ts";
import { awsRegion } from "../../core/region.ts";
import { didYouMean } from "../../core/suggest.ts";
import { domainKey, domainsOf } from "./losses.ts";
import type { Domain, Supply } from "./model.ts";

const FLAG = "--assume-lost";

const KINDS = {
  region: "region",
  bucket: "bucket",
  key: "key",
  cluster: "cluster",
  account: "account",
} as const satisfies { readonly [Kind in Domain["kind"]]: Kind };

/** The domains that are named, in order and each once; throws OpsError `usage` on any that no restore point of any supply lies in. */
export function parseLosses(text: string, supplies: readonly Supply[]): readonly Domain[] {
  const domains = domainsOf({
    points: supplies.flatMap(({ points }) => points),
    continuous: supplies.flatMap(({ continuous }) => continuous),
  });
  const named = text.split(",").map((part) => parseLoss(part.trim(), domains));
  return [...new Map(named.map((domain) => [domainKey(domain), domain])).values()];
}

function parseLoss(part: string, domains: readonly Domain[]): Domain {
  const equals = part.indexOf("=");
  if (equals < 0) throw new OpsError("usage", `${FLAG}: "${part}" names no kind of loss`, { hint: HINT });
  const kind = parseKind(part.slice(0, equals).trim());
  const given = part.slice(equals + 1).trim();
  const name = kind === "region" ? awsRegion(given) : given;
  const domain = domains.find((one) => one.kind === kind && one.name === name);
  if (domain !== undefined) return domain;
  const names = domains.filter((one) => one.kind === kind).map((one) => one.name);
  throw new OpsError("usage", `${FLAG}: no restore point lies in ${kind} "${given}"${didYouMean(name, names)}`, {
    hint:
      names.length === 0
        ? `there is no ${kind} to lose`
        : `there is ${names.map((one) => `${kind}=${one}`).join(", ")}`,
  });
}

function parseKind(text: string): Domain["kind"] {
  const kind = Object.values(KINDS).find((one) => one === text);
  if (kind !== undefined) return kind;
  throw new OpsError("usage", `${FLAG}: "${text}" is no kind of loss${didYouMean(text, Object.keys(KINDS))}`, {
    hint: HINT,
  });
}

const HINT = `write ${Object.keys(KINDS).join("=..., ")}=..., with commas between several`;
