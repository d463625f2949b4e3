// Types of the vendor's modules that are imported by path, because its package's entry loads far more than is used. It has
// no `exports` field, so these paths are reachable; test/adapters/atlas/operations.test.ts pins them.
//
// The library's own types describe API v1 and do not compile (https://github.com/montumodi/mongodb-atlas-api-client);
// of its answers we take nothing on trust, so `unknown` is all that is needed here.
type AtlasLibraryQuery = Readonly<Record<string, string>>;
/** What the library calls with the URL that it formed; it hands the answer back as it is. */
interface AtlasLibraryClient {
  readonly fetch: (url: string) => Promise<unknown>;
}

declare module "mongodb-atlas-api-client/src/cluster.js" {
  class Cluster {
    constructor(client: AtlasLibraryClient, baseUrl: string, projectId: string);
    get(clusterName: string, query?: AtlasLibraryQuery): Promise<unknown>;
    getAll(query?: AtlasLibraryQuery): Promise<unknown>;
    update(clusterName: string, body: undefined, query?: AtlasLibraryQuery): Promise<unknown>;
  }
  export = Cluster;
}

declare module "mongodb-atlas-api-client/src/cloudBackup.js" {
  class CloudBackup {
    constructor(client: AtlasLibraryClient, baseUrl: string, projectId: string);
    getReplicaSetCloudBackup(clusterName: string, snapshotId: string, query?: AtlasLibraryQuery): Promise<unknown>;
    getAllReplicaSetCloudBackups(clusterName: string, query?: AtlasLibraryQuery): Promise<unknown>;
    getSnapshotRestoreJob(clusterName: string, jobId: string, query?: AtlasLibraryQuery): Promise<unknown>;
    createSnapshotRestoreJob(clusterName: string, body: undefined, query?: AtlasLibraryQuery): Promise<unknown>;
  }
  export = CloudBackup;
}

declare module "mongodb-atlas-api-client/src/project.js" {
  class Project {
    constructor(client: AtlasLibraryClient, baseUrl: string);
    getById(projectId: string, query?: AtlasLibraryQuery): Promise<unknown>;
  }
  export = Project;
}
