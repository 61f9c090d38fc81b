//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// The folder that a program is staged into: made as a whole, or left as it was.
struct StagingFolder: Sendable {
    let path: String

    init(_ path: String) { self.path = URL(fileURLWithPath: path).standardizedFileURL.path }

    /// - Throws: ``PackagingError/Code/output`` if there is something in it that is not ours to replace.
    func check() throws(PackagingError) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: self.path, isDirectory: &isFolder) else { return }
        guard isFolder.boolValue else {
            throw PackagingError(.output, "\(self.path) is a file", remedy: "name a folder with --output")
        }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: self.path)
        } catch {
            throw PackagingError(.output, "\(self.path) cannot be read: \(error.localizedDescription)")
        }
        let manifest = PackageManifest.of(self.path)
        let ours = Set((manifest?.files.map(\.path) ?? []) + (manifest == nil ? [] : [PackageManifest.name]))
        if let other = names.sorted().first(where: { !ours.contains($0) }) {
            throw PackagingError(
                .output,
                "\(self.path) has \(other), which an earlier run did not write",
                remedy: "name an empty folder or a new one: everything in the folder is replaced")
        }
    }

    /// Creates a folder beside it, fills it with `body` and moves it to its place, unless the contents are the same.
    ///
    /// - Returns: Whether the contents were the same.
    func replace(_ body: (_ folder: String) async throws -> Void) async throws -> Bool {
        let manager = FileManager.default
        let parent = (self.path as NSString).deletingLastPathComponent
        try manager.createDirectory(atPath: parent, withIntermediateDirectories: true)
        let work = "\(self.path).new-\(UUID().uuidString)"
        try manager.createDirectory(atPath: work, withIntermediateDirectories: false)
        defer { try? manager.removeItem(atPath: work) }
        try await body(work)
        guard manager.fileExists(atPath: self.path) else {
            try manager.moveItem(atPath: work, toPath: self.path)
            return false
        }
        if try FileDigest.files(in: work) == FileDigest.files(in: self.path) { return true }
        // It may have been filled while the program was built.
        try self.check()
        let old = "\(self.path).old-\(UUID().uuidString)"
        try manager.moveItem(atPath: self.path, toPath: old)
        do {
            try manager.moveItem(atPath: work, toPath: self.path)
        } catch {
            try? manager.moveItem(atPath: old, toPath: self.path)
            throw error
        }
        try? manager.removeItem(atPath: old)
        return false
    }
}
