/** The port's alert configurations over the operations of Atlas. A replacement keeps what Atlas alone knows, secrets among it. */
import type { AtlasAlerts } from "../../ports/atlas-alerts.ts";
import { pathParams } from "./params.ts";
import type { Wire } from "./restores.ts";
import { asObject } from "./wire.ts";
import { alertBody, parseAlertConfig, parseIntegration, replacementBody, theAlertConfig } from "./wire-alerts.ts";

export function alerts({ call, list }: Omit<Wire, "keepSecret">): AtlasAlerts {
  return {
    listAlertConfigs: async (projectId) => list("listGroupAlertConfigs", pathParams(projectId), parseAlertConfig),
    listIntegrations: async (projectId) => list("listGroupIntegrations", pathParams(projectId), parseIntegration),
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
