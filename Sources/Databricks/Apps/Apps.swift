//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The resources of the Apps API (`/api/2.0/apps`): programs that Databricks runs beside their data.
///
/// Fields the service may leave out are optional, unknown ones are ignored. Times are RFC 3339.
public enum Apps {}
