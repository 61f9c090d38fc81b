//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Databricks
internal import Digests
internal import ExactText
internal import Secrets

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A file to upload to the workspace.
public struct SourceFile: Sendable, Hashable {
    /// The place of its content.
    public enum Content: Sendable, Hashable {
        /// A file of this machine.
        case file(path: String)
        /// Bytes in memory, as those of `app.yaml`.
        case bytes(Data)
    }

    /// Its path below the source, with `/` between the parts.
    public var path: String
    /// Its length in bytes.
    public var size: Int
    /// The SHA-256 of its content in hexadecimal digits.
    public var checksum: String
    /// The place of its content.
    public var content: Content
    /// Whether the workspace makes a notebook of it, which has no extension in its name.
    let isNotebook: Bool

    /// The path that it has in the workspace.
    var workspacePath: String { self.isNotebook ? NotebookSource.name(of: self.path) : self.path }

    /// Creates a file from bytes in memory.
    public init(path: String, bytes: Data) {
        self.path = path
        self.size = bytes.count
        self.checksum = Self.checksum(of: bytes)
        self.content = .bytes(bytes)
        self.isNotebook = NotebookSource.language(of: path, content: bytes) != nil
    }

    init(path: String, file: String) throws(PrivateFile.Failure) {
        let (hash, size) = try SHA256Hash.ofFile(file)
        self.path = path
        self.size = size
        self.checksum = hash.hex
        self.content = .file(path: file)
        self.isNotebook = NotebookSource.language(of: path, file: file) != nil
    }

    /// Reads the content.
    ///
    /// - Throws: `invalid` for a file that has changed since it was planned, since another version would be uploaded.
    func read() throws -> Data {
        switch self.content {
        case .bytes(let bytes): return bytes
        case .file(let place):
            guard let bytes = FileManager.default.contents(atPath: place) else {
                throw DeployError(
                    .invalid, "the file \(place) cannot be read", remedy: "make it readable, and run this again")
            }
            guard Self.checksum(of: bytes) == self.checksum else {
                throw DeployError(
                    .invalid, "the file \(place) has changed while it was being deployed", remedy: "run this again")
            }
            return bytes
        }
    }

    static func checksum(of bytes: Data) -> String {
        SHA256Hash(of: bytes).hex
    }
}

/// The files of an app.
public struct SourceFiles: Sendable, Hashable {
    /// The platform's size limit for a file of an app in bytes: 10 MB (Databricks: App file size limit).
    public static let largestFile = 10 * 1_000 * 1_000

    /// The files, in the order of their paths.
    public private(set) var files: [SourceFile]

    /// Creates a set of files; of two files with the same path the last one is kept.
    public init(_ files: [SourceFile] = []) {
        self.files = Dictionary(files.map { (ExactText($0.path), $0) }) { $1 }.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Reads the files of a folder, except those that ignore rules exclude.
    ///
    /// The rules are in the `.gitignore` and `.lakebaseignore` of the folder and its subfolders. In a git checkout its other rules apply too: the `.gitignore`
    /// files from the root of the repository down to the folder, `info/exclude` and `core.excludesFile`. What git excludes never leaves the
    /// machine, unless a `.lakebaseignore` includes it again. Rules about the folder itself, such as `dist/` for a source `dist`, do not apply: it was named.
    ///
    /// - Parameters:
    ///   - folder: The folder to read.
    ///   - isStaged: Whether a build of this process created the folder, so that rules from above it do not apply.
    /// - Throws: ``DeployError`` with every file that cannot be deployed: larger than the platform's limit, a link that leads out of the folder or to an
    ///   excluded file, a name that the workspace refuses.
    public init(folder: String, isStaged: Bool = false) async throws {
        let checkout = isStaged ? nil : try await GitCheckout.around(FolderWalk.resolved(folder))
        try self.init(folder: folder, checkout: checkout)
    }

    init(folder: String, checkout: GitCheckout?) throws {
        var walk = FolderWalk(root: folder, checkout: checkout)
        try walk.run()
        self.init(walk.files)
        try self.refuseNotebooksOfOneName()
    }

    private func refuseNotebooksOfOneName() throws {
        let groups = Dictionary(grouping: self.files) { ExactText($0.workspacePath) }
        let clashes = groups.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }
        guard !clashes.isEmpty else { return }
        throw DeployError(
            .invalid, "some files would have one name in the workspace, which stores notebooks without their extension",
            details: clashes.map { "\($0.value.map(\.path).joined(separator: " and ")) would be \($0.key.text)" },
            remedy: "rename all but one of them, or leave them out with .lakebaseignore")
    }

    /// Returns these files and others; the others replace files with the same path.
    public func merging(_ others: [SourceFile]) -> SourceFiles { SourceFiles(self.files + others) }

    /// The SHA-256 of all paths and contents, in hexadecimal digits.
    public var checksum: String {
        SourceFile.checksum(of: Data(self.files.map { "\($0.checksum) \($0.path)\n" }.joined().utf8))
    }
}
