//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AppManifest

/// An app of the workspace, as it is to be.
public struct DeploymentApp: Sendable, Hashable {
    /// Its name: 1 to 30 lowercase letters, digits and hyphens, neither end a hyphen.
    ///
    /// That there may not be more than 30 is checked by `databricks/cli` (`libs/apps/prompt`), the letters are in the
    /// documentation of the Apps API.
    public var name: String
    /// What it is, for people; nothing leaves what is there.
    public var description: String?
    /// What is uploaded and started.
    public var source: Source
    /// Variables of its process, besides those that the platform and the deployment set.
    public var env: [AppManifest.Variable]

    /// What is uploaded and started.
    public enum Source: Sendable, Hashable {
        /// A folder (its absolute path) that is uploaded as it is, and the command; nothing leaves that to the platform.
        case folder(path: String, command: [String]?)
        /// A product of a Swift package, which is built and packed.
        case swift(SwiftProduct)
    }

    /// A product of a Swift package.
    public struct SwiftProduct: Sendable, Hashable {
        /// The name of the executable product.
        public var product: String
        /// The absolute path of the package's folder.
        public var package: String
        /// What the program is started with.
        public var arguments: [String]

        /// A product from its parts.
        public init(product: String, package: String, arguments: [String] = []) {
            self.product = product
            self.package = package
            self.arguments = arguments
        }
    }

    /// An app from its parts.
    public init(
        name: String, description: String? = nil, source: Source, env: [AppManifest.Variable] = []
    ) {
        self.name = name
        self.description = description
        self.source = source
        self.env = env
    }
}
