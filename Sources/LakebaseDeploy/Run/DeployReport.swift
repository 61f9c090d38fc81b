//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Databricks
internal import ExplainedErrors

/// An event of a running deployment.
public enum DeployEvent: Sendable, Hashable {
    /// A step begins; steps are numbered from 1.
    case began(DeployStep, number: Int, of: Int)
    /// The progress of a step that takes a while.
    case progress(String)
    /// A note to keep, such as that something existed already.
    case note(String)
    /// A step has ended successfully.
    case finished(DeployStep, after: Duration)
}

/// The result of a deployment.
public struct DeployReport: Sendable, Hashable {
    /// The plan; all of its steps are done.
    public var plan: DeployPlan
    /// The app after the deployment.
    public var app: Apps.App?
}

/// A deployment that stopped at a step, with the steps that are done and those that are not.
public struct DeployFailure: Error, Sendable {
    /// The steps that are done.
    public var done: [DeployStep]
    /// The step that failed.
    public var failed: DeployStep
    /// The steps after it, which were not started.
    public var left: [DeployStep]
    /// Why it failed.
    public var underlying: any Error

    /// Whether the caller was cancelled.
    public var isCancellation: Bool {
        self.underlying is CancellationError || (self.underlying as? DatabricksError)?.code == .cancelled
    }
}

extension DeployFailure: ExplainedError {
    private var cause: (any ExplainedError)? { self.underlying as? any ExplainedError }

    /// The step that failed, and why.
    package var message: String {
        "could not \(self.failed.title): \(self.cause?.headline ?? "\(self.underlying)")"
    }

    /// The details of the error behind this one, then a line for each step with its state.
    package var details: [String] {
        (self.cause?.details ?? []) + self.done.map { "done: \($0.title)" }
            + ([self.failed] + self.left).map { "not done: \($0.title)" }
    }

    /// The remedy of the error behind this one, and how to continue.
    package var remedy: String? {
        [self.cause?.remedy, "the same command continues with the first step that is not done"].compactMap { $0 }
            .joined(separator: "; ")
    }

    /// The command of the error behind this one.
    package var command: String? { self.cause?.command }
}

extension DeployFailure: CustomStringConvertible {
    /// The id of the error behind this one, or else `deploy.failed`.
    public var id: String { self.cause?.id ?? "deploy.failed" }

    /// The whole error, a line each.
    public var description: String { self.explanation }
}
