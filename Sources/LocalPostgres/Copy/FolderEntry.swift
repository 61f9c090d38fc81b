//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets

/// An entry of a folder.
struct FolderEntry {
    enum Kind { case folder, file, link, other }
    var name: String
    var kind: Kind

    /// Lists a folder without a system call for each entry.
    static func list(_ path: String) throws(PrivateFile.Failure) -> [FolderEntry] {
        guard let folder = opendir(path) else {
            throw PrivateFile.Failure(operation: "list", path: path, code: errno)
        }
        defer { closedir(folder) }
        var entries: [FolderEntry] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            entries.append(FolderEntry(name: name, kind: Self.kind(of: "\(path)/\(name)", entry.pointee.d_type)))
        }
        return entries
    }

    private static func kind(of path: String, _ type: UInt8) -> Kind {
        switch Int(type) {
        case Int(DT_DIR): return .folder
        case Int(DT_REG): return .file
        case Int(DT_LNK): return .link
        default: break
        }
        // Some file systems do not say.
        switch PrivateFile.facts(of: path)?.kind {
        case .folder?: return .folder
        case .file?: return .file
        case .link?: return .link
        case .other?, nil: return .other
        }
    }
}
