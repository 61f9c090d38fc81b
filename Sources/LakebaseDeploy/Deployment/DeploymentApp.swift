//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AppManifest

/// An app of the workspace.
public struct DeploymentApp: Sendable, Hashable {
    /// Its name: 1 to 30 lowercase letters, digits and hyphens, neither end a hyphen.
    ///
    /// The limit of 30 is that of `databricks/cli` (`libs/apps/prompt`); the characters are in the
    /// documentation of the Apps API.
    public var name: String
    /// The description; nil keeps the existing one.
    public var description: String?
    /// The files to upload and the command to start.
    public var source: Source
    /// Variables of its process, besides those that the platform and the deployment set.
    public var env: [AppManifest.Variable]

    /// The files to upload and the command to start.
    public enum Source: Sendable, Hashable {
        /// A folder (its absolute path) that is uploaded as it is, and the command; nil for the platform's own choice.
        case folder(path: String, command: [String]?)
        /// A product of a Swift package, which is built and packaged.
        case swift(SwiftProduct)
    }

    /// A product of a Swift package.
    public struct SwiftProduct: Sendable, Hashable {
        /// The name of the executable product.
        public var product: String
        /// The absolute path of the package's folder.
        public var package: String
        /// The arguments of the program.
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
