//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Databricks

/// What goes on while something is deployed.
public enum DeployEvent: Sendable, Hashable {
    /// A step begins; its number counts from 1.
    case began(DeployStep, number: Int, of: Int)
    /// What a step is at, when it takes longer.
    case progress(String)
    /// Something worth keeping, such as what was found done already.
    case note(String)
    /// A step is done.
    case finished(DeployStep, after: Duration)
}

/// What was done.
public struct DeployReport: Sendable, Hashable {
    /// The plan, all of which was done.
    public var plan: DeployPlan
    /// The app afterwards.
    public var app: Apps.App?
}

/// A deployment that stopped at a step: what was done, what is left.
public struct DeployFailure: Error, Sendable {
    /// The steps that are done.
    public var done: [DeployStep]
    /// The step that failed.
    public var failed: DeployStep
    /// The steps after it.
    public var left: [DeployStep]
    /// Why it failed.
    public var underlying: any Error

    /// Whether the caller was cancelled.
    public var isCancellation: Bool {
        self.underlying is CancellationError || (self.underlying as? DatabricksError)?.code == .cancelled
    }
}

extension DeployFailure: CustomStringConvertible {
    /// Why, then a line for each step with what became of it.
    public var description: String {
        var lines = ["could not \(self.failed.title): \(self.underlying)"]
        if !self.done.isEmpty { lines.append("done:") }
        lines += self.done.map { "    \($0.title)" }
        lines.append("not done:")
        lines += ([self.failed] + self.left).map { "    \($0.title)" }
        lines.append("the same command goes on from here")
        return lines.joined(separator: "\n")
    }
}
