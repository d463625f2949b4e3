/** Who hears a topic: what of an endpoint may be printed, when two are the same, and whether it fits its protocol. */
import type { Tri } from "../../core/tri.ts";
import type { Endpoint } from "../../ports/sns.ts";

/** What may be printed of an endpoint, and the only thing that ever is: keys and telephone numbers are masked. */
export function shownEndpoint({ protocol, endpoint }: Endpoint): string {
  if (ARN.test(endpoint) || (EMAIL.test(endpoint) && protocol.startsWith("email"))) return endpoint;
  if (PHONE.test(endpoint)) return maskedNumber(endpoint);
  const url = urlOf(endpoint);
  return url === null ? MASK : maskedUrl(url);
}

/** The same for endpoints that are the same: SNS writes numbers and hosts its own way, and hides passwords. Never shown. */
export function endpointKey({ protocol, endpoint }: Endpoint): string {
  return `${protocol} ${canonical(endpoint)}`;
}

/** What is wrong with an endpoint; `isDeaf`: nobody hears what is sent there. */
export interface EndpointFlaw {
  readonly isDeaf: Tri;
  readonly message: string;
  readonly remedy: string;
}

/** Whether a protocol and its endpoint fit each other, and an alarm's message. Empty: they do. */
export function endpointFlaws({ protocol, endpoint }: Endpoint): readonly EndpointFlaw[] {
  const form = FORMS.get(protocol);
  if (form === undefined)
    return [flaw("maybe", `nobody here knows the protocol ${protocol}`, "look who hears it, and declare a known one")];
  if (form.pattern.test(endpoint)) return form.more(endpoint);
  return [flaw("yes", `the endpoint is not ${form.words}`, "subscribe the right endpoint, and remove this one")];
}

export function isPagerDuty({ endpoint }: Endpoint): boolean {
  const url = urlOf(endpoint);
  return url !== null && isPagerDutyHost(url.hostname);
}

const MASK = "****";
const ARN = /^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d*:[\w:/.*$-]+$/;
const EMAIL = /^[^\s@/]+@[^\s@/]+$/;
const PHONE = /^\+?[\d ().*-]{4,24}$/;
/** What people write into addresses; everything else may be a key. */
const WORDS = /^(?:v\d{1,2}|[a-z]{1,15}(?:[-_.][a-z]{1,15}){0,3})$/;
const SHOWN_DIGITS = 4;

function maskedNumber(number: string): string {
  const digits = number.replaceAll(/[^\d*]/g, "");
  const hidden = "*".repeat(Math.max(digits.length - SHOWN_DIGITS, SHOWN_DIGITS));
  return `+${hidden}${digits.length > SHOWN_DIGITS ? digits.slice(-SHOWN_DIGITS) : ""}`;
}

function maskedUrl({ protocol, username, password, host, pathname, search, hash }: URL): string {
  const path = pathname
    .split("/")
    .map((segment) => (segment === "" || WORDS.test(segment) ? segment : MASK))
    .join("/");
  const user = username + password === "" ? "" : `${MASK}@`;
  return `${protocol}//${user}${host}${path}${search + hash === "" ? "" : `?${MASK}`}`;
}

/** Only of the web: `mailto:` and its like parse too. */
function urlOf(text: string): URL | null {
  const url = /^https?:\/\//i.test(text) ? URL.parse(text) : null;
  return url?.hostname === "" ? null : url;
}

function canonical(endpoint: string): string {
  if (PHONE.test(endpoint)) return endpoint.replaceAll(/[^\d*]/g, "");
  const url = urlOf(endpoint);
  if (url === null) return endpoint;
  if (url.password !== "") url.password = MASK;
  return url.href;
}

interface Form {
  readonly pattern: RegExp;
  readonly words: string;
  readonly more: (endpoint: string) => readonly EndpointFlaw[];
}

const none = () => [];
const EMAIL_FORM: Form = { pattern: EMAIL, words: "an e-mail address", more: emailFlaws };
const arnOf = (service: string, words: string): Form => ({
  pattern: new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]+:\\d{12}:.+$`),
  words,
  more: none,
});

/** https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html */
const FORMS: ReadonlyMap<string, Form> = new Map(
  Object.entries({
    email: EMAIL_FORM,
    "email-json": EMAIL_FORM,
    sms: { pattern: /^\+?[\d ().*-]{7,24}$/, words: "a telephone number", more: none },
    http: { pattern: /^http:\/\/[^/\s]+/i, words: "a web address that begins with http://", more: webFlaws },
    https: { pattern: /^https:\/\/[^/\s]+/i, words: "a web address that begins with https://", more: webFlaws },
    sqs: arnOf("sqs", "the ARN of a queue"),
    lambda: arnOf("lambda", "the ARN of a function"),
    application: arnOf("sns", "the ARN of an app on a device"),
    firehose: arnOf("firehose", "the ARN of a delivery stream"),
  }),
);

function emailFlaws(endpoint: string): readonly EndpointFlaw[] {
  const host = endpoint.slice(endpoint.indexOf("@") + 1).toLowerCase();
  if (!isPagerDutyHost(host)) return [];
  const message = "an address of PagerDuty cannot click on the link that confirms it";
  return [flaw("no", message, "subscribe the https address of PagerDuty's Amazon CloudWatch integration in its place")];
}

const PAGERDUTY_PATH = /^\/(?:integration\/[0-9a-f]{32}\/enqueue|x-ere\/[A-Za-z0-9_-]{8,})\/?$/i;
const PAGERDUTY_HOSTS = ["events.pagerduty.com", "events.eu.pagerduty.com"];

function webFlaws(endpoint: string): readonly EndpointFlaw[] {
  const url = urlOf(endpoint);
  if (url === null) return [flaw("yes", "the endpoint is no web address", "subscribe the right one")];
  if (isPagerDutyHost(url.hostname) && !(PAGERDUTY_HOSTS.includes(url.hostname) && PAGERDUTY_PATH.test(url.pathname)))
    return [
      flaw(
        "yes",
        "PagerDuty takes no alarms at this address",
        "subscribe https://events.pagerduty.com/integration/KEY/enqueue, with the key of the service's Amazon CloudWatch integration",
      ),
    ];
  if (url.protocol === "https:") return [];
  return [flaw("no", "what is sent there can be read on the way", "subscribe an https address")];
}

function isPagerDutyHost(host: string): boolean {
  return host === "pagerduty.com" || host.endsWith(".pagerduty.com");
}

function flaw(isDeaf: Tri, message: string, remedy: string): EndpointFlaw {
  return { isDeaf, message, remedy };
}
