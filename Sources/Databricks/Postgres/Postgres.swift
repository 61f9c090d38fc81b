//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The resources of the Postgres API (`/api/2.0/postgres`), which drives Lakebase Autoscaling.
///
/// Wanted settings go in through `spec`, those in effect come back in `status`; an answer never has a `spec`. Fields the service
/// may leave out are optional, unknown ones are ignored.
public enum Postgres {}
