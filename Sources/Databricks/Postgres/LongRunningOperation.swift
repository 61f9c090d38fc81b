//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// An operation of the Postgres API, which ends in a resource, or in nothing for deletions.
public typealias LongRunningOperation<Value: Sendable> = PendingResult<Postgres.Operation, Value>

extension PendingResult where State == Postgres.Operation {
    /// The name under which the service keeps the operation, also after its resource was deleted.
    public var name: String { self.initial.name }
}
