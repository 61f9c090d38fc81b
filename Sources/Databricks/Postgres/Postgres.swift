//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The resources of the Postgres API (`/api/2.0/postgres`), which drives Lakebase Autoscaling.
///
/// Requested settings are sent in `spec`, those in effect are returned in `status`; an answer never has a `spec`.
/// Fields the service may leave out are optional, unknown ones are ignored.
public enum Postgres {}
