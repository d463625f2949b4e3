import { describe, expect, test } from "vitest";
import { DAY_MS, MINUTE_MS } from "../../src/core/duration.ts";
import { atlasRangeOf, rangeOf, shortestPeriodMs } from "../../src/policy/known-metrics.ts";

const of = (namespace: string, metric: string) => ({ namespace, metric });
const FROM_ZERO = { least: 0, most: null };
const FRACTION = { least: 0, most: 1 };
const PERCENT = { least: 0, most: 100 };

describe("the values of a statistic", () => {
  test.each([
    ["AWS/ApiGateway", "5XXError", "Average", FRACTION],
    ["AWS/ApiGateway", "5XXError", "Sum", FROM_ZERO],
    ["AWS/ApiGateway", "5XXError", "Maximum", FROM_ZERO],
    ["AWS/ApiGateway", "5xx", "Average", FROM_ZERO], // of HTTP APIs: their page does not say that it is a share
    ["AWS/Lambda", "Errors", "Average", FROM_ZERO],
    ["AWS/Lambda", "Errors", "ts90", FROM_ZERO],
    ["AWS/S3", "4xxErrors", "Average", FRACTION],
    ["AWS/S3", "4xxErrors", "Maximum", FRACTION],
    ["AWS/S3", "4xxErrors", "Sum", FROM_ZERO],
    ["AWS/EC2", "StatusCheckFailed", "p99", FRACTION],
    ["AWS/EC2", "CPUUtilization", "Average", PERCENT],
    ["AWS/EC2", "CPUUtilization", "tm95", PERCENT],
    ["AWS/EC2", "CPUUtilization", "wm95", PERCENT],
    ["AWS/EC2", "CPUUtilization", "Sum", FROM_ZERO],
    ["AWS/EC2", "CPUUtilization", "TS(10%:90%)", FROM_ZERO],
    ["AWS/CloudFront", "5xxErrorRate", "Average", PERCENT],
    ["Anything", "At all", "SampleCount", FROM_ZERO],
    ["Anything", "At all", "tc95", FROM_ZERO],
    ["Anything", "At all", "TC(0:5)", FROM_ZERO],
    ["Anything", "At all", "PR(100:2000)", PERCENT],
    ["Anything", "At all", "Sum", undefined],
    ["AWS/Lambda", "At all", "Average", undefined],
    ["aws/lambda", "Errors", "Sum", undefined],
  ])("%s %s %s", (namespace, metric, statistic, range) => {
    expect(rangeOf(of(namespace, metric), statistic)).toEqual(range);
  });
});

test.each([
  ["AWS/Lambda", "Errors", MINUTE_MS],
  ["AWS/SQS", "ApproximateAgeOfOldestMessage", MINUTE_MS],
  ["AWS/S3", "NumberOfObjects", DAY_MS],
  ["AWS/S3", "AllRequests", MINUTE_MS],
  ["AWS/S3", "At all", undefined],
  ["Anything", "Errors", undefined],
])("%s %s comes once in %s ms", (namespace, metric, everyMs) => {
  expect(shortestPeriodMs(of(namespace, metric))).toBe(everyMs);
});

test.each([
  ["NORMALIZED_SYSTEM_CPU_USER", PERCENT],
  ["MAX_DISK_PARTITION_SPACE_USED_DATA", PERCENT],
  ["CONNECTIONS_PERCENT", PERCENT],
  ["CONNECTIONS", undefined],
  ["MAX_CONNECTIONS_PERCENT", undefined],
])("of Atlas, %s", (metric, range) => {
  expect(atlasRangeOf(metric)).toEqual(range);
});
