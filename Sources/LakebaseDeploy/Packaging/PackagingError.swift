//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExplainedErrors

/// Why a program was not made ready for the platform, and what to do about it.
public struct PackagingError: Error, Sendable {
    /// The kinds of failure.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String, CaseIterable {
            case host, toolMissing, toolFailed, build, unusable, libraries, output, file
        }

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

        /// Every code.
        package static var all: [Code] { Kind.allCases.map { Code(kind: $0) } }

        /// What to do about a failure of this kind when nothing closer is known.
        var remedy: String {
            switch self.kind {
            case .host: "build it on x86-64 Linux, or in a container"
            case .toolMissing: "install the tool, or add its folder to PATH"
            case .toolFailed: "correct what the tool reports, and run this again"
            case .build: "correct what the compiler reports, and run this again"
            case .unusable: "build the program for x86-64 Linux with glibc"
            case .libraries: "build the program on this machine"
            case .output: "name an empty folder or a new one with --output"
            case .file: "check that the file exists, and that this user may read and write it"
            }
        }

        /// The command that shows more about a failure of this kind.
        var command: String? {
            switch self.kind {
            case .host:
                "docker run --platform linux/amd64 -v \"$PWD:/src\" -w /src swift:6.3-jammy swift build -c release"
            case .build: "swift build -c release"
            case .libraries: "swift build -c release"
            case .toolMissing, .toolFailed, .unusable, .output, .file: nil
            }
        }
    }

    /// Which kind of failure.
    public var code: Code
    /// What happened.
    public var message: String
    /// The last lines of a tool, or what is missing, a line each.
    public var details: [String]
    /// What to do about it.
    public var remedy: String?
    /// The command that shows more or mends it.
    public var command: String?

    /// An error of the given kind; remedy and command are those of the kind when left out.
    public init(
        _ code: Code, _ message: String, details: [String] = [], remedy: String? = nil, command: String? = nil
    ) {
        self.code = code
        self.message = message
        self.details = details
        self.remedy = remedy ?? code.remedy
        self.command = command ?? (remedy == nil ? code.command : nil)
    }
}

extension PackagingError: ExplainedError {}

extension PackagingError: CustomStringConvertible {
    /// The stable name of the kind of failure, such as `package.libraries`.
    public var id: String { "package.\(self.code)" }

    /// What happened, then the details, the remedy and the command, a line each.
    public var description: String { self.explanation }
}
