//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Crypto

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

    init(path: String, file: String) throws {
        let bytes = try Data(contentsOf: URL(filePath: file))
        self.path = path
        self.size = bytes.count
        self.checksum = Self.checksum(of: bytes)
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
        SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
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
        self.files = Dictionary(files.map { ($0.path, $0) }) { $1 }.values.sorted { $0.path < $1.path }
    }

    /// The files of a folder, except those that the rules below leave out.
    ///
    /// Read are the `.gitignore` and `.lakebaseignore` of the folder and of those in it.
    ///
    /// - Throws: ``DeployError`` with every file that cannot be taken: larger than the platform takes, a link that leads out of the folder, a name
    ///   that cannot be in the workspace.
    public init(folder: String) throws {
        var walk = FolderWalk(root: folder)
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

/// Goes through a folder.
private struct FolderWalk {
    let root: String
    var files: [SourceFile] = []
    private var rules = IgnoreRules.standard
    private var problems: [String] = []

    init(root: String) { self.root = root }

    mutating func run() throws {
        guard Self.type(of: URL(filePath: self.root).resolvingSymlinksInPath().path) == .typeDirectory else {
            throw DeployError(
                .invalid, "there is no folder \(self.root)",
                remedy: "set the app's source in deployment.yaml to the folder with its files")
        }
        try self.visit([])
        guard self.problems.isEmpty else {
            throw DeployError(
                .invalid, "\(self.problems.count) of the files in \(self.root) cannot be deployed",
                details: self.problems,
                remedy: "remove them, or name them in a .lakebaseignore")
        }
    }

    private mutating func visit(_ folder: [String]) throws {
        let place = ([self.root] + folder).joined(separator: "/")
        for name in [".gitignore", ".lakebaseignore"] {
            if let data = FileManager.default.contents(atPath: "\(place)/\(name)") {
                self.rules.add(String(decoding: data, as: UTF8.self), in: folder.joined(separator: "/"))
            }
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: place).sorted() {
            try self.visit(folder + [name], at: "\(place)/\(name)")
        }
    }

    private mutating func visit(_ path: [String], at place: String) throws {
        let name = path.joined(separator: "/")
        let type = Self.type(of: place)
        guard !self.rules.ignores(path, isFolder: type == .typeDirectory) else { return }
        // A control character or a name this long is refused by the workspace.
        guard !name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }),
            path.allSatisfy({ $0.utf8.count <= 240 })
        else {
            self.problems.append("\(name.debugDescription) has a name that cannot be in the workspace")
            return
        }
        switch type {
        case .typeDirectory?: try self.visit(path)
        case .typeRegular?: try self.take(name, at: place)
        case .typeSymbolicLink?:
            let target = URL(filePath: place).resolvingSymlinksInPath().path
            let root = URL(filePath: self.root).resolvingSymlinksInPath().path
            guard target.hasPrefix(root + "/"), Self.type(of: target) == .typeRegular
            else {
                self.problems.append("\(name) is a link that does not lead to a file in this folder")
                return
            }
            try self.take(name, at: target)
        default: self.problems.append("\(name) is neither a file nor a folder")
        }
    }

    private static func type(of path: String) -> FileAttributeType? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
    }

    private mutating func take(_ name: String, at place: String) throws {
        let size = try FileManager.default.attributesOfItem(atPath: place)[.size] as? Int ?? 0
        guard size <= SourceFiles.largestFile else {
            self.problems.append("\(name) has \(size) bytes; the platform takes \(SourceFiles.largestFile) at most")
            return
        }
        self.files.append(try SourceFile(path: name, file: place))
    }
}
