//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// What became of one statement of a pipeline whose statements are independent of each other.
public enum PQPipelineOutcome: Sendable {
    /// The statement was run; its effects are committed, unless the pipeline ran in a transaction.
    case done(PQRows)
    /// The server refused the statement or stopped it: nothing of it was done.
    case failed(PQError)
    /// The connection was lost before the server answered: the statement may have been done or not.
    case unknown(PQError)
    /// The statement was not sent, because the connection was lost or the task was cancelled before.
    case notRun

    /// The rows of a statement that was run.
    ///
    /// - Throws: The error of the statement; `CancellationError` where it was not sent.
    public func get() throws -> PQRows {
        switch self {
        case .done(let rows): return rows
        case .failed(let error), .unknown(let error): throw error
        case .notRun: throw CancellationError()
        }
    }

    /// The rows, where the statement was run.
    public var rows: PQRows? {
        switch self {
        case .done(let rows): rows
        case .failed, .unknown, .notRun: nil
        }
    }

    /// The error, where the statement failed or its fate is unknown.
    public var error: PQError? {
        switch self {
        case .failed(let error), .unknown(let error): error
        case .done, .notRun: nil
        }
    }
}
