//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Digests
internal import ExactText
internal import Secrets

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A file that is to be in the workspace.
public struct SourceFile: Sendable, Hashable {
    /// Where its content is.
    public enum Content: Sendable, Hashable {
        /// A file of this machine.
        case file(path: String)
        /// Made here, as `app.yaml` is.
        case bytes(Data)
    }

    /// Its path below the source, with `/` between the parts.
    public var path: String
    /// Its length in bytes.
    public var size: Int
    /// The SHA-256 of its content in hexadecimal digits.
    public var checksum: String
    /// Where its content is.
    public var content: Content

    /// A file made here.
    public init(path: String, bytes: Data) {
        self.path = path
        self.size = bytes.count
        self.checksum = Self.checksum(of: bytes)
        self.content = .bytes(bytes)
    }

    init(path: String, file: String) throws(PrivateFile.Failure) {
        let (hash, size) = try SHA256Hash.ofFile(file)
        self.path = path
        self.size = size
        self.checksum = hash.hex
        self.content = .file(path: file)
    }

    /// Reads the content.
    ///
    /// - Throws: `invalid` for a file that has changed since it was looked at: what is uploaded would be another version than what was planned.
    func read() throws -> Data {
        switch self.content {
        case .bytes(let bytes): return bytes
        case .file(let place):
            guard let bytes = FileManager.default.contents(atPath: place) else {
                throw DeployError(
                    .invalid, "the file \(place) cannot be read", remedy: "bring it back, and run this again")
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
    /// The most bytes of one file that the platform takes in an app: 10 MB (Databricks: App file size limit).
    public static let largestFile = 10 * 1_000 * 1_000

    /// The files, in the order of their paths.
    public private(set) var files: [SourceFile]

    /// Files, none by default; of two with one path the last counts.
    public init(_ files: [SourceFile] = []) {
        self.files = Dictionary(files.map { (ExactText($0.path), $0) }) { $1 }.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The files of a folder, except those that the rules below leave out.
    ///
    /// Read are the `.gitignore` and `.lakebaseignore` of the folder and of those in it. In a checkout of git its other rules count too: the `.gitignore`
    /// files from the root of the repository down to the folder, `info/exclude` and `core.excludesFile`. What git would leave out never leaves the
    /// machine, unless a `.lakebaseignore` takes it in. Rules about the folder itself, such as `dist/` for a source `dist`, do not count: it was named.
    ///
    /// - Parameters:
    ///   - folder: The folder to read.
    ///   - isStaged: Whether a build of this process made the folder, so that no rule from above it counts.
    /// - Throws: ``DeployError`` with every file that cannot be taken: larger than the platform takes, a link that leads out of the folder or to a file
    ///   that is left out, a name that cannot be in the workspace.
    public init(folder: String, isStaged: Bool = false) throws {
        try self.init(folder: folder, checkout: isStaged ? nil : GitCheckout.around(FolderWalk.resolved(folder)))
    }

    init(folder: String, checkout: GitCheckout?) throws {
        var walk = FolderWalk(root: folder, checkout: checkout)
        try walk.run()
        self.init(walk.files)
    }

    /// These files and others, which win where paths are the same.
    public func merging(_ others: [SourceFile]) -> SourceFiles { SourceFiles(self.files + others) }

    /// The SHA-256 over paths and contents, in hexadecimal digits.
    public var checksum: String {
        SourceFile.checksum(of: Data(self.files.map { "\($0.checksum) \($0.path)\n" }.joined().utf8))
    }
}
