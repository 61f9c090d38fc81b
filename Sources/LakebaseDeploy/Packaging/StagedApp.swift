//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A folder with everything that a program needs on the platform, ready to be uploaded.
public struct StagedApp: Sendable, Equatable, Codable {
    /// A file to be uploaded.
    public struct File: Sendable, Equatable, Codable {
        /// The path below ``StagedApp/folder``, with `/` between its parts.
        public var path: String
        /// In bytes; never more than ``SwiftPackager/Options/partSize`` or a few thousand.
        public var size: Int
        /// SHA-256 in lower-case hexadecimal digits.
        public var sha256: String
    }

    /// The folder.
    public var folder: String
    /// All files of the folder, by path.
    public var files: [File]
    /// What starts the program, for `command` in `app.yaml`; the program's own arguments follow.
    ///
    /// It names the start script by a relative path, so it has to run in the folder, as it does on the platform.
    public var command: [String]
    /// What went into the folder.
    public var report: PackagingReport
}

/// What was gathered for a program, and how large it is.
public struct PackagingReport: Sendable, Equatable, Codable {
    /// A library beside the program.
    public struct Library: Sendable, Equatable, Codable {
        /// The name under which programs ask for it.
        public var name: String
        /// The file it was taken from.
        public var source: String
        /// What asked for it first; nil for what the C library loads by itself.
        public var neededBy: String?
        /// In bytes, as installed.
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
    /// The newest version of the C library that anything asks for, such as `2.36`; the C library itself is beside the program.
    public var glibc: String?
    /// All bytes once unpacked.
    public var unpackedSize: Int
    /// All bytes to upload.
    public var uploadSize: Int
    /// Whether the folder was already as it is to be, so that nothing was written.
    public var unchanged: Bool
    /// What a reader may want to know, a sentence each.
    public var notes: [String]
}
