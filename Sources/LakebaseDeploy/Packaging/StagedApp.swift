//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A folder with everything that a program needs on the platform, ready to be uploaded.
public struct StagedApp: Sendable, Equatable, Codable {
    /// A file to be uploaded.
    public struct File: Sendable, Equatable, Codable {
        /// The path below ``StagedApp/folder``, with `/` between its parts.
        public var path: String
        /// The size in bytes, at most ``SwiftPackager/Options/partSize`` or a few thousand.
        public var size: Int
        /// The SHA-256 of the content in lower-case hexadecimal digits.
        public var sha256: String
    }

    /// The folder.
    public var folder: String
    /// All files of the folder, by path.
    public var files: [File]
    /// The command that starts the program, for `command` in `app.yaml`; the program's own arguments follow it.
    ///
    /// It names the start script by a relative path, so it has to run in the folder, as it does on the platform.
    public var command: [String]
    /// What was packaged, with sizes.
    public var report: PackagingReport
}

/// What was packaged for a program, with sizes.
public struct PackagingReport: Sendable, Equatable, Codable {
    /// A library beside the program.
    public struct Library: Sendable, Equatable, Codable {
        /// The name by which programs request it.
        public var name: String
        /// The file that was copied.
        public var source: String
        /// The file that requested it first; nil for libraries that the C library loads by itself.
        public var neededBy: String?
        /// The size in bytes, as installed.
        public var size: Int
    }

    /// The program's name.
    public var program: String
    /// Its size in bytes as it was built, and as it is started.
    public var builtSize: Int
    /// The size in bytes of the program as it is started.
    public var strippedSize: Int
    /// Folders of resources beside it.
    public var resources: [String]
    /// The libraries beside it, by name.
    public var libraries: [Library]
    /// The newest version of the C library that any file requires, such as `2.36`; the C library itself is beside the program.
    public var glibc: String?
    /// The total size in bytes after unpacking.
    public var unpackedSize: Int
    /// The total size in bytes of the upload.
    public var uploadSize: Int
    /// Whether the folder was up to date, so that nothing was written.
    public var unchanged: Bool
    /// Notes for the user, a sentence each.
    public var notes: [String]
}
