//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The folder of an app in the workspace.
///
/// ```
/// /Workspace/Users/DEPLOYER/.lakebase/apps/APP/
///   record.json   what was written and deployed last
///   source/       the files of the app, and nothing else
/// ```
///
/// The folder belongs to the deployment: what is in `source` and not among the app's files is removed.
public struct WorkspaceFolder: Sendable, Hashable {
    /// An existing file.
    public struct File: Sendable, Hashable, Codable {
        /// Its length in bytes.
        public var size: Int64?
        /// When it was last written, in milliseconds since 1970.
        public var modifiedAt: Int64?

        /// A file from its parts.
        public init(size: Int64?, modifiedAt: Int64?) {
            self.size = size
            self.modifiedAt = modifiedAt
        }
    }

    /// The record of what was written and deployed last, as `record.json` stores it.
    public struct Record: Sendable, Hashable, Codable {
        /// A file that was written.
        public struct Written: Sendable, Hashable, Codable {
            /// The SHA-256 of its content in hexadecimal digits.
            public var checksum: String
            /// The file's state in the workspace after it was written.
            public var file: File

            /// A written file from its parts.
            public init(checksum: String, file: File) {
                self.checksum = checksum
                self.file = file
            }
        }

        /// A deployment that was started.
        public struct Deployed: Sendable, Hashable, Codable {
            /// Its id.
            public var id: String
            /// The fingerprint of its contents; see ``DeployPlan/fingerprint(_:key:)``.
            public var fingerprint: String

            /// A deployment from its parts.
            public init(id: String, fingerprint: String) {
                self.id = id
                self.fingerprint = fingerprint
            }
        }

        /// The files by path.
        public var files: [String: Written]
        /// The last deployment that was started.
        public var deployment: Deployed?

        /// A record from its parts.
        public init(files: [String: Written] = [:], deployment: Deployed? = nil) {
            self.files = files
            self.deployment = deployment
        }
    }

    /// The changes that a folder needs.
    public struct Changes: Sendable, Hashable {
        /// The files to write.
        public var write: [SourceFile] = []
        /// The paths to remove.
        public var remove: [String] = []

        /// Whether the folder needs no change.
        public var isEmpty: Bool { self.write.isEmpty && self.remove.isEmpty }
    }

    /// Whether the folder exists.
    public var isThere: Bool
    /// The files in `source`, by path.
    public var files: [String: File]
    /// The record of what was written and deployed last.
    public var record: Record

    /// Creates a folder from its parts; by default one that does not exist.
    public init(isThere: Bool = false, files: [String: File] = [:], record: Record = Record()) {
        self.isThere = isThere
        self.files = files
        self.record = record
    }

    /// Returns the changes after which the folder has exactly the given files.
    ///
    /// The workspace has no checksums. A file counts as unchanged when its checksum was recorded and its size and modification time are
    /// the recorded ones; a change by another user makes it different.
    public func changes(to source: SourceFiles) -> Changes {
        var changes = Changes()
        // The workspace tells names apart by their bytes, and a dictionary of texts does not.
        let there = Self.byBytes(self.files)
        let record = Self.byBytes(self.record.files)
        for file in source.files {
            let written = record[ExactText(file.path)]
            let found = Self.place(of: file, in: there).flatMap { there[$0] }
            let isSame = written?.checksum == file.checksum && found != nil && written?.file == found
            if !isSame { changes.write.append(file) }
        }
        let wanted = Set(source.files.compactMap { Self.place(of: $0, in: there) })
        changes.remove = there.keys.filter { !wanted.contains($0) }.sorted().map(\.text)
        return changes
    }

    /// What the record says of these files once they are written and `files` is what is there.
    func written(_ source: SourceFiles) -> [String: Record.Written] {
        let there = Self.byBytes(self.files)
        let all = source.files.compactMap { file in
            Self.place(of: file, in: there).flatMap { there[$0] }.map {
                (file.path, Record.Written(checksum: file.checksum, file: $0))
            }
        }
        return Dictionary(all) { $1 }
    }

    /// Under which name a file is there: a notebook without its extension.
    private static func place(of file: SourceFile, in there: [ExactText: File]) -> ExactText? {
        [file.workspacePath, file.path].lazy.map { ExactText($0) }.first { there[$0] != nil }
    }

    private static func byBytes<Value>(_ files: [String: Value]) -> [ExactText: Value] {
        Dictionary(files.map { (ExactText($0.key), $0.value) }) { first, _ in first }
    }

    /// The folder of an app of a user.
    public static func path(app: String, of userName: String) -> String {
        "/Workspace/Users/\(userName)/.lakebase/apps/\(app)"
    }
}
