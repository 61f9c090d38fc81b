//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExplainedErrors

/// The contents of `deployment.yaml`: the environments of an app and its database.
public struct Deployment: Sendable, Hashable {
    /// The environments, in the order of the file; at least one.
    public var environments: [DeploymentEnvironment]

    /// A deployment from its parts.
    public init(environments: [DeploymentEnvironment]) { self.environments = environments }

    /// Returns the environment with a name.
    ///
    /// - Throws: ``DeploymentError`` with the names of the environments when there is none with this name.
    public func environment(_ name: String) throws(DeploymentError) -> DeploymentEnvironment {
        guard let found = self.environments.first(where: { $0.name == name }) else {
            let names = self.environments.map(\.name).joined(separator: ", ")
            throw DeploymentError(
                "there is no environment '\(name)' in deployment.yaml", remedy: "choose one of these: \(names)")
        }
        return found
    }
}

/// Why `deployment.yaml`, or one of its environments, cannot be used, and what to do about it.
public struct DeploymentError: Error, Sendable, Hashable {
    /// What is wrong.
    public var message: String
    /// What to do about it.
    public var remedy: String?
    /// The command that shows more or mends it.
    public var command: String?

    /// An error from its parts.
    public init(_ message: String, remedy: String, command: String? = nil) {
        self.message = message
        self.remedy = remedy
        self.command = command
    }
}

extension DeploymentError: ExplainedError {}

extension DeploymentError: CustomStringConvertible {
    /// The stable name of this kind of failure.
    public var id: String { "deployment.invalid" }

    /// What is wrong, the remedy and the command, a line each.
    public var description: String { self.explanation }
}
