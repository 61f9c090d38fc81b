//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import LocalWorkspace

/// A path among the files of the workspace.
struct WorkspacePath: Equatable, Sendable {
    /// The path as it was requested, without a trailing slash.
    let text: String
    /// Its parts, without the optional `Workspace` at the beginning: the service treats `/Users/x` and
    /// `/Workspace/Users/x` as the same.
    let components: [String]

    /// Reads a path.
    ///
    /// - Throws: `INVALID_PARAMETER_VALUE` for a path that is not absolute, and for names that no file can have.
    init(_ text: String) throws(APIFailure) {
        guard text.startsExactly(with: "/") else {
            throw APIFailure.invalid("Path (\(text.prefix(200))) doesn't start with '/'")
        }
        // By bytes, as the file system does: a slash with a combining mark after it separates all the same.
        let parts = text.splitExactly(at: "/").map { String($0) }
        // A long name would leave no room for a suffix in the file name.
        guard
            parts.allSatisfy({
                !$0.isExactly(".") && !$0.isExactly("..") && $0.utf8.count <= 240 && !$0.utf8.contains(0)
            }),
            text.utf8.count <= 2_000
        else { throw APIFailure.invalid("Path (\(text.prefix(200))) has a part that no file can have.") }
        self.text = "/" + parts.joined(separator: "/")
        self.components = parts.first?.isExactly("Workspace") == true ? Array(parts.dropFirst()) : parts
    }

    static func == (left: WorkspacePath, right: WorkspacePath) -> Bool {
        left.text.isExactly(right.text) && left.components.elementsEqual(right.components) { $0.isExactly($1) }
    }

    private init(text: String, components: [String]) {
        self.text = text
        self.components = components
    }

    /// The key of the path, the same for every way to write it.
    var key: String { "/" + self.components.joined(separator: "/") }
    var isRoot: Bool { self.components.isEmpty }
    var name: String { self.components.last ?? "" }

    /// The parent folder; that of the root is the root.
    var parent: WorkspacePath {
        guard !self.isRoot else { return self }
        let text = self.text.splitExactly(at: "/").dropLast().joined(separator: "/")
        return WorkspacePath(text: "/" + text, components: Array(self.components.dropLast()))
    }

    /// The path of an entry in this folder.
    func child(_ name: String) -> WorkspacePath {
        WorkspacePath(
            text: self.text.isExactly("/") ? "/" + name : self.text + "/" + name, components: self.components + [name])
    }

    /// The path without its extension.
    var withoutExtension: WorkspacePath {
        guard let dot = self.name.utf8.lastIndex(of: UInt8(ascii: ".")), dot != self.name.startIndex else {
            return self
        }
        return self.parent.child(String(self.name[..<dot]))
    }

    /// A number that is stable for a path: FNV-1a, in the range that all JSON readers support.
    var objectID: Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in self.key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int64(hash >> 11)
    }
}
