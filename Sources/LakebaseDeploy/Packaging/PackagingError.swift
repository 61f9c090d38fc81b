//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Why a program was not made ready for the platform.
public struct PackagingError: Error, Sendable {
    /// The kinds of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String { case host, toolMissing, toolFailed, build, unusable, libraries, output, file }
        private let kind: Kind

        /// Programs for the platform cannot be built on this machine.
        public static let host = Code(kind: .host)
        /// A tool is not installed.
        public static let toolMissing = Code(kind: .toolMissing)
        /// A tool ended with an error.
        public static let toolFailed = Code(kind: .toolFailed)
        /// The compiler refused the program.
        public static let build = Code(kind: .build)
        /// The platform cannot run the program.
        public static let unusable = Code(kind: .unusable)
        /// A library is missing, or differs from the one that the program was built with.
        public static let libraries = Code(kind: .libraries)
        /// The folder for the result cannot be used.
        public static let output = Code(kind: .output)
        /// A file cannot be read or written.
        public static let file = Code(kind: .file)

        /// The code's name.
        public var description: String { self.kind.rawValue }
    }

    /// Which kind of failure.
    public var code: Code
    /// What happened, and what to do about it.
    public var message: String
    /// Lines of a tool that tell more, the last ones.
    public var details: [String]

    /// An error of the given kind.
    public init(_ code: Code, _ message: String, details: [String] = []) {
        self.code = code
        self.message = message
        self.details = details
    }
}

extension PackagingError: CustomStringConvertible {
    /// What happened, and the tool's lines below it.
    public var description: String { ([self.message] + self.details).joined(separator: "\n    ") }
}
