/** The port's alert configurations over the operations of Atlas. A replacement keeps what Atlas alone knows, secrets among it. */
import type { AtlasAlerts } from "../../ports/atlas-alerts.ts";
import type { Wire } from "./call.ts";
import { pathParams } from "./params.ts";
import { asObject } from "./wire.ts";
import { alertBody, parseAlertConfig, parseIntegration, replacementBody, theAlertConfig } from "./wire-alerts.ts";

export function alerts({ call, list }: Omit<Wire, "keepSecret">): AtlasAlerts {
  return {
    listAlertConfigs: async (projectId) =>
      (await list("listGroupAlertConfigs", pathParams(projectId))).map(parseAlertConfig),
    listIntegrations: async (projectId) =>
      (await list("listGroupIntegrations", pathParams(projectId))).map(parseIntegration),
    createAlertConfig: async (projectId, order) => {
      const answer = await call("createGroupAlertConfig", pathParams(projectId), undefined, alertBody(order));
      return parseAlertConfig(asObject("createGroupAlertConfig", answer));
    },
    replaceAlertConfig: async (projectId, id, order) => {
      const params = pathParams(projectId, undefined, { alertConfigId: id });
      const live = theAlertConfig(id, asObject("getGroupAlertConfig", await call("getGroupAlertConfig", params)));
      const answer = await call("updateGroupAlertConfig", params, undefined, replacementBody(live, order));
      return parseAlertConfig(theAlertConfig(id, asObject("updateGroupAlertConfig", answer)));
    },
  };
}
