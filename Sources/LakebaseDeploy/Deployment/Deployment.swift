//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// What `deployment.yaml` says: where an app and its database are deployed to, and how.
public struct Deployment: Sendable, Hashable {
    /// The environments, in the order of the file; at least one.
    public var environments: [DeploymentEnvironment]

    /// A deployment from its parts.
    public init(environments: [DeploymentEnvironment]) { self.environments = environments }

    /// The environment of a name.
    ///
    /// - Throws: If there is none, with those that there are.
    public func environment(_ name: String) throws(DeploymentError) -> DeploymentEnvironment {
        guard let found = self.environments.first(where: { $0.name == name }) else {
            let names = self.environments.map(\.name).joined(separator: ", ")
            throw DeploymentError("there is no environment '\(name)' in deployment.yaml; there are: \(names)")
        }
        return found
    }
}

/// Something that cannot be made of a deployment.
public struct DeploymentError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What it is, and the remedy.
    public var description: String

    /// An error with its words.
    public init(_ description: String) { self.description = description }
}
