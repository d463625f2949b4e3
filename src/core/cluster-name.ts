/** The names that Atlas allows for a cluster: letters, digits and inner dashes, at most 64. */
export const CLUSTER_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?$/;
