/** LiTally's alarms and topics, without variables. */
export const PAGERDUTY_KEY = "0123456789abcdef0123456789abcdef";
export const PHONE = "+15555550100";

export const ALARM_POLICY = `version: 1
environment: production
atlas: { projectId: 5a4db0c5a4db0c5a4db0c5a4 }
aws: { accountId: "111122223333", region: ap-south-1 }
databases:
  - name: core
    cluster: litally-core
    snapshots: [{ frequency: daily, retain: 30d }]
topics:
  - name: litally-operations
    subscriptions:
      - { protocol: email, endpoint: ops@litally.example }
  - name: litally-critical
    subscriptions:
      - { protocol: email, endpoint: ops@litally.example }
      - { protocol: sms, endpoint: "${PHONE}" }
      - { protocol: https, endpoint: "https://events.pagerduty.com/integration/${PAGERDUTY_KEY}/enqueue" }
alarms:
  owned: litally-
  notify: { critical: [litally-critical], warning: [litally-operations] }
  declared:
    - name: litally-api-5xx-rate
      severity: critical
      ratio:
        part: { namespace: AWS/ApiGateway, metric: 5XXError }
        whole: { namespace: AWS/ApiGateway, metric: Count }
        dimensions: { ApiName: litally-api }
        minimum: 20
      threshold: "> 1"
      period: 5m
      datapoints: 1 of 1
      missingData: notBreaching
    - name: litally-lambda-error-rate-{function}
      each: { function: [auth, reports] }
      severity: critical
      ratio:
        part: { namespace: AWS/Lambda, metric: Errors }
        whole: { namespace: AWS/Lambda, metric: Invocations }
        dimensions: { FunctionName: "litally-{function}" }
        minimum: 20
      threshold: "> 2"
      period: 5m
      datapoints: 1 of 1
      missingData: notBreaching
    - name: litally-atlas-cpu
      engine: atlas
      severity: critical
      metric: { event: OUTSIDE_METRIC_THRESHOLD, metric: NORMALIZED_SYSTEM_CPU_USER, mode: AVERAGE }
      threshold: "> 80"
      for: 10m
      recipients: [{ type: PAGER_DUTY }, { type: EMAIL, address: ops@litally.example }]
    - name: litally-lambda-throttles
      severity: warning
      metric: { namespace: AWS/Lambda, metric: Throttles, statistic: Sum }
      threshold: ">= 1"
      period: 5m
      datapoints: 2 of 3
      missingData: notBreaching
`;
